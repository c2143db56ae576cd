// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Escrow, Market, Order} from "./Escrow.sol";

/// @title One book for the orders of all markets (before)
/// @dev The variables that conflict: `orders.length`, which every new order writes whatever its
///      market, and `openOrders`, which placing, filling up and cancelling write too.
///      `OrderBookPerMarket` is the cure.
contract OrderBook is Escrow {
    Order[] public orders;
    mapping(uint256 id => Market) public marketOf;
    /// @notice How many orders can still be filled, over all markets
    uint256 public openOrders;

    event Placed(
        uint256 indexed id, address indexed maker, bool sell, uint64 price, uint128 amount
    );
    event Filled(uint256 indexed id, address indexed taker, uint128 amount);
    event Cancelled(uint256 indexed id);

    /// @notice Offers to sell (or buy) `amount` of the market's base token at `price`
    function place(Market calldata market, bool sell, uint64 price, uint128 amount)
        external
        returns (uint256 id)
    {
        id = orders.length;
        orders.push(_open(market, sell, price, amount));
        marketOf[id] = market;
        openOrders += 1;
        emit Placed(id, msg.sender, sell, price, amount);
    }

    /// @notice Trades `amount` against the order `id`, at its price
    function fill(uint256 id, uint128 amount) external {
        _settle(marketOf[id], orders[id], amount);
        if (orders[id].remaining == 0) openOrders -= 1;
        emit Filled(id, msg.sender, amount);
    }

    function cancel(uint256 id) external {
        if (orders[id].remaining == 0) revert NotEnoughLeft(0, 0);
        _close(marketOf[id], orders[id]);
        openOrders -= 1;
        emit Cancelled(id);
    }

    function orderCount() external view returns (uint256) {
        return orders.length;
    }
}
