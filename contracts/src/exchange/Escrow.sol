// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "../tokens/IERC20.sol";

/// @notice Two tokens that are traded for each other; prices are whole units of `quote` for one
///   unit of `base`
struct Market {
    address base;
    address quote;
}

/// @notice An open order; nobody's once `remaining` is 0
struct Order {
    address maker;
    bool sell;
    uint64 price;
    uint128 remaining;
}

/// @title Holds the traders' tokens for the two order books
/// @dev Each trader's funds have a slot for each token, so trades conflict here only over a trader
///      they share.
abstract contract Escrow {
    mapping(address token => mapping(address trader => uint256)) public funds;

    event Deposited(address indexed trader, address indexed token, uint256 amount);
    event Withdrawn(address indexed trader, address indexed token, uint256 amount);

    error InsufficientFunds(address trader, address token, uint256 available, uint256 required);
    error InvalidOrder();
    error NotMaker(address caller, address maker);
    error NotEnoughLeft(uint256 remaining, uint256 asked);
    error TokenTransferFailed(address token);

    function deposit(address token, uint256 amount) external {
        funds[token][msg.sender] += amount;
        if (!IERC20(token).transferFrom(msg.sender, address(this), amount)) {
            revert TokenTransferFailed(token);
        }
        emit Deposited(msg.sender, token, amount);
    }

    function withdraw(address token, uint256 amount) external {
        _take(token, msg.sender, amount);
        if (!IERC20(token).transfer(msg.sender, amount)) revert TokenTransferFailed(token);
        emit Withdrawn(msg.sender, token, amount);
    }

    /// @dev Sets aside what an order may have to pay, and makes the order
    function _open(Market memory market, bool sell, uint64 price, uint128 amount)
        internal
        returns (Order memory)
    {
        if (price == 0 || amount == 0) revert InvalidOrder();
        (address token, uint256 cost) = _cost(market, sell, price, amount);
        _take(token, msg.sender, cost);
        return Order({maker: msg.sender, sell: sell, price: price, remaining: amount});
    }

    /// @dev Gives back what an order had set aside
    function _close(Market memory market, Order storage order) internal {
        if (msg.sender != order.maker) revert NotMaker(msg.sender, order.maker);
        (address token, uint256 cost) = _cost(market, order.sell, order.price, order.remaining);
        order.remaining = 0;
        funds[token][msg.sender] += cost;
    }

    /// @dev The caller trades `amount` against an order
    function _settle(Market memory market, Order storage order, uint128 amount) internal {
        if (amount == 0 || amount > order.remaining) revert NotEnoughLeft(order.remaining, amount);
        order.remaining -= amount;
        (address given, uint256 givenAmount) = _cost(market, order.sell, order.price, amount);
        (address taken, uint256 takenAmount) = _cost(market, !order.sell, order.price, amount);
        _take(taken, msg.sender, takenAmount);
        funds[taken][order.maker] += takenAmount;
        funds[given][msg.sender] += givenAmount;
    }

    function _take(address token, address trader, uint256 amount) private {
        uint256 available = funds[token][trader];
        if (available < amount) revert InsufficientFunds(trader, token, available, amount);
        funds[token][trader] = available - amount;
    }

    function _cost(Market memory market, bool sell, uint64 price, uint128 amount)
        private
        pure
        returns (address token, uint256 cost)
    {
        return sell ? (market.base, uint256(amount)) : (market.quote, uint256(amount) * price);
    }
}
