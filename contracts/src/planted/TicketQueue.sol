// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title A queue whose ends share a slot
/// @dev The variable that conflicts: `tail`; `head` lies beside it.
contract TicketQueue {
    uint128 public head;
    uint128 public tail;
    mapping(uint256 place => address) public waiting;

    function join() external {
        waiting[tail] = msg.sender;
        tail += 1;
    }
}
