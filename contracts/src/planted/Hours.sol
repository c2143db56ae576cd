// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Visits counted by the hour
/// @dev The variable that conflicts: `visits[..]`, an element of a fixed array.
contract Hours {
    uint256[24] public visits;
    mapping(address visitor => uint256) public lastVisit;

    function visit(uint256 hour) external {
        visits[hour] += 1;
        lastVisit[msg.sender] = hour;
    }
}
