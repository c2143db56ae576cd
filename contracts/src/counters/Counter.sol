// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title One count for everybody (before)
/// @dev The variable that conflicts: `count`. `ShardedCounter` and `UserCounter` are the cures.
contract Counter {
    uint256 public count;

    event Incremented(address indexed by, uint256 count);

    function increment() external {
        count += 1;
        emit Incremented(msg.sender, count);
    }

    function set(uint256 value) external {
        count = value;
    }
}
