// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title A list of all who came
/// @dev The variable that conflicts: `visitors.length`; the entries do not.
contract Guestbook {
    address[] public visitors;

    function sign() external {
        visitors.push(msg.sender);
    }
}
