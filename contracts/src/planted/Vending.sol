// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Sells to each on his own account, behind a lock against reentrancy
/// @dev Nothing conflicts: `_lock` is after each call what it was before.
contract Vending {
    uint256 private _lock = 1;
    mapping(address buyer => uint256) public boughtBy;

    error Reentered();

    modifier lock() {
        if (_lock != 1) revert Reentered();
        _lock = 2;
        _;
        _lock = 1;
    }

    function buy(uint256 amount) external lock {
        boughtBy[msg.sender] += amount;
    }
}
