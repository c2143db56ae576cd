// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title A count for each user (after)
/// @dev The full cure of `Counter`: callers never meet. The sum over all is left to whoever reads
///      the events.
contract UserCounter {
    mapping(address user => uint256) public counts;

    event Incremented(address indexed by, uint256 count);

    function increment() external {
        counts[msg.sender] += 1;
        emit Incremented(msg.sender, counts[msg.sender]);
    }
}
