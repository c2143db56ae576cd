// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "../tokens/IERC20.sol";

/// @title A vault that pays interest by one index that all deposits share (before)
/// @dev The variables that conflict: `totalShares`, which every deposit and withdrawal writes, and
///      `index` with `indexedAt` (one slot), which the first of each block writes and all others
///      read. `CheckpointVault` is the cure.
contract IndexVault {
    uint256 private constant ONE = 1e18;

    IERC20 public immutable token;
    /// @notice Interest for a second, in 10^-18
    uint256 public immutable ratePerSecond;

    /// @notice What one share is worth, in 10^-18 tokens
    uint192 public index = uint192(ONE);
    uint64 public indexedAt = uint64(block.timestamp);
    uint256 public totalShares;
    mapping(address account => uint256) public sharesOf;

    event Deposited(address indexed account, uint256 amount, uint256 shares);
    event Withdrawn(address indexed account, uint256 amount, uint256 shares);

    error InsufficientShares(address account, uint256 available, uint256 required);
    error AmountTooSmall(uint256 amount);
    error TokenTransferFailed();

    constructor(IERC20 token_, uint256 ratePerSecond_) {
        token = token_;
        ratePerSecond = ratePerSecond_;
    }

    function deposit(uint256 amount) external returns (uint256 shares) {
        shares = amount * ONE / accrue();
        if (shares == 0) revert AmountTooSmall(amount);
        sharesOf[msg.sender] += shares;
        totalShares += shares;
        if (!token.transferFrom(msg.sender, address(this), amount)) revert TokenTransferFailed();
        emit Deposited(msg.sender, amount, shares);
    }

    function withdraw(uint256 shares) external returns (uint256 amount) {
        uint256 available = sharesOf[msg.sender];
        if (available < shares) revert InsufficientShares(msg.sender, available, shares);
        amount = shares * accrue() / ONE;
        sharesOf[msg.sender] = available - shares;
        totalShares -= shares;
        if (!token.transfer(msg.sender, amount)) revert TokenTransferFailed();
        emit Withdrawn(msg.sender, amount, shares);
    }

    /// @notice Brings the index up to now
    function accrue() public returns (uint256 current) {
        current = currentIndex();
        if (indexedAt != block.timestamp) {
            // Grows by a rate for a second: 192 bits last beyond any chain's life.
            index = uint192(current);
            indexedAt = uint64(block.timestamp);
        }
    }

    function currentIndex() public view returns (uint256) {
        return uint256(index) * (ONE + ratePerSecond * (block.timestamp - indexedAt)) / ONE;
    }

    /// @notice What `account` could take out now
    function balanceOf(address account) external view returns (uint256) {
        return sharesOf[account] * currentIndex() / ONE;
    }

    /// @notice What the vault owes to all
    function totalOwed() external view returns (uint256) {
        return totalShares * currentIndex() / ONE;
    }
}
