// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Two counts that have nothing to do with each other but their slot
/// @dev The variables that conflict: `paidIn` and `paidOut`, each 128 bits of one slot.
contract TwoInOneSlot {
    uint128 public paidIn;
    uint128 public paidOut;
    mapping(address account => uint256) public balanceOf;

    function payIn(uint128 amount) external {
        balanceOf[msg.sender] += amount;
        paidIn += amount;
    }

    function payOut(uint128 amount) external {
        balanceOf[msg.sender] -= amount;
        paidOut += amount;
    }
}
