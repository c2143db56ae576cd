// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Gifts that are let in until there is enough
/// @dev What conflicts: the contract's balance, which each gift reads and changes.
contract Donations {
    uint256 private constant ENOUGH = 1_000_000 ether;

    mapping(address donor => uint256) public givenBy;

    error Enough();

    function give() external payable {
        if (address(this).balance > ENOUGH) revert Enough();
        givenBy[msg.sender] += msg.value;
    }
}
