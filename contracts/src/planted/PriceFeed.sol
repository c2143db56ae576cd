// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title A price that anybody brings up to date on the way to something else
/// @dev The variable that conflicts: `updatedAt`, which the first call of a block writes.
contract PriceFeed {
    uint64 public updatedAt;
    mapping(address account => uint256) public seenAt;

    function touch() public {
        if (updatedAt != uint64(block.timestamp)) updatedAt = uint64(block.timestamp);
    }

    function look() external {
        touch();
        seenAt[msg.sender] = updatedAt;
    }
}
