// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title A token whose balances all grow at once
/// @dev The variable that conflicts: `scale`, which `rebase` writes and every transfer reads.
contract RebasingToken {
    uint256 private constant ONE = 1e18;

    uint256 public scale = ONE;
    mapping(address account => uint256) public sharesOf;

    error InsufficientShares(address account);

    constructor(uint256 supply) {
        sharesOf[msg.sender] = supply;
    }

    function rebase(uint256 percent) external {
        scale = scale * (100 + percent) / 100;
    }

    function transfer(address to, uint256 value) external {
        uint256 shares = value * ONE / scale;
        if (sharesOf[msg.sender] < shares) revert InsufficientShares(msg.sender);
        sharesOf[msg.sender] -= shares;
        sharesOf[to] += shares;
    }
}
