// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title A raffle whose count of tickets shares a slot with its owner
/// @dev The variable that conflicts: `tickets`, 96 bits beside the owner's address.
contract Raffle {
    address public owner;
    uint96 public tickets;
    mapping(address player => uint256) public ticketOf;

    constructor() {
        owner = msg.sender;
    }

    function enter() external {
        tickets += 1;
        ticketOf[msg.sender] = tickets;
    }
}
