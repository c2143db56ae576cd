// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "../tokens/IERC20.sol";

/// @title A vault that pays interest from each account's own checkpoint (after)
/// @dev The cure of `IndexVault`: deposits and withdrawals write `checkpointOf[account]` alone.
///      What all share, the list of rates, is written by the owner once in a while and only read by
///      the others. The price: what the vault owes to all is known from the events alone.
contract CheckpointVault {
    uint256 private constant ONE = 1e18;

    struct Checkpoint {
        uint128 amount;
        uint64 time;
        uint64 rateId;
    }

    struct Rate {
        uint64 since;
        uint192 perSecond;
    }

    IERC20 public immutable token;
    address public immutable owner;

    /// @notice The rates in order of time, in 10^-18 for a second; the last one holds now
    Rate[] public rates;
    mapping(address account => Checkpoint) public checkpointOf;

    event Deposited(address indexed account, uint256 amount);
    event Withdrawn(address indexed account, uint256 amount);
    event RateChanged(uint192 perSecond);

    error NotOwner(address caller);
    error InsufficientBalance(address account, uint256 available, uint256 required);
    error AmountTooLarge(uint256 amount);
    error TokenTransferFailed();

    constructor(IERC20 token_, uint192 ratePerSecond) {
        token = token_;
        owner = msg.sender;
        rates.push(Rate({since: uint64(block.timestamp), perSecond: ratePerSecond}));
    }

    function deposit(uint256 amount) external {
        _checkpoint(msg.sender, balanceOf(msg.sender) + amount);
        if (!token.transferFrom(msg.sender, address(this), amount)) revert TokenTransferFailed();
        emit Deposited(msg.sender, amount);
    }

    function withdraw(uint256 amount) external {
        uint256 available = balanceOf(msg.sender);
        if (available < amount) revert InsufficientBalance(msg.sender, available, amount);
        _checkpoint(msg.sender, available - amount);
        if (!token.transfer(msg.sender, amount)) revert TokenTransferFailed();
        emit Withdrawn(msg.sender, amount);
    }

    /// @notice Sets the rate from now on
    function setRate(uint192 perSecond) external {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        rates.push(Rate({since: uint64(block.timestamp), perSecond: perSecond}));
        emit RateChanged(perSecond);
    }

    /// @notice What `account` could take out now: its checkpoint's amount, grown by each rate since
    function balanceOf(address account) public view returns (uint256 amount) {
        Checkpoint memory last = checkpointOf[account];
        amount = last.amount;
        if (amount == 0) return 0;
        uint256 from = last.time;
        for (uint256 i = last.rateId; i < rates.length; i++) {
            uint256 until = i + 1 < rates.length ? rates[i + 1].since : block.timestamp;
            amount = amount * (ONE + rates[i].perSecond * (until - from)) / ONE;
            from = until;
        }
    }

    function _checkpoint(address account, uint256 amount) private {
        if (amount > type(uint128).max) revert AmountTooLarge(amount);
        checkpointOf[account] = Checkpoint({
            amount: uint128(amount), time: uint64(block.timestamp), rateId: uint64(rates.length - 1)
        });
    }
}
