// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title An auction that keeps its best bid
/// @dev The variable that conflicts: `best`, a struct in two slots that each higher bid writes.
contract Auction {
    struct Bid {
        uint256 amount;
        address bidder;
    }

    Bid public best;
    mapping(address bidder => uint256) public bidOf;

    error TooLow(uint256 amount, uint256 best);

    function bid(uint256 amount) external {
        if (amount <= best.amount) revert TooLow(amount, best.amount);
        best = Bid(amount, msg.sender);
        bidOf[msg.sender] = amount;
    }
}
