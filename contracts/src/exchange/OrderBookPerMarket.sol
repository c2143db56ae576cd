// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Escrow, Market, Order} from "./Escrow.sol";

/// @title A book for each market (after)
/// @dev The cure of `OrderBook`: ids count up within a market, so orders of two markets never meet.
///      Orders of one market still form a line over `books[market].length`, as a price-time book
///      must.
contract OrderBookPerMarket is Escrow {
    mapping(bytes32 market => Order[]) public books;
    /// @notice How many orders of a market can still be filled
    mapping(bytes32 market => uint256) public openOrders;

    event Placed(
        bytes32 indexed market,
        uint256 indexed id,
        address indexed maker,
        bool sell,
        uint64 price,
        uint128 amount
    );
    event Filled(bytes32 indexed market, uint256 indexed id, address indexed taker, uint128 amount);
    event Cancelled(bytes32 indexed market, uint256 indexed id);

    /// @notice Offers to sell (or buy) `amount` of the market's base token at `price`
    function place(Market calldata market, bool sell, uint64 price, uint128 amount)
        external
        returns (uint256 id)
    {
        bytes32 key = keyOf(market);
        id = books[key].length;
        books[key].push(_open(market, sell, price, amount));
        openOrders[key] += 1;
        emit Placed(key, id, msg.sender, sell, price, amount);
    }

    /// @notice Trades `amount` against the order `id` of `market`, at its price
    function fill(Market calldata market, uint256 id, uint128 amount) external {
        bytes32 key = keyOf(market);
        _settle(market, books[key][id], amount);
        if (books[key][id].remaining == 0) openOrders[key] -= 1;
        emit Filled(key, id, msg.sender, amount);
    }

    function cancel(Market calldata market, uint256 id) external {
        bytes32 key = keyOf(market);
        if (books[key][id].remaining == 0) revert NotEnoughLeft(0, 0);
        _close(market, books[key][id]);
        openOrders[key] -= 1;
        emit Cancelled(key, id);
    }

    function orderCount(Market calldata market) external view returns (uint256) {
        return books[keyOf(market)].length;
    }

    function keyOf(Market calldata market) public pure returns (bytes32) {
        return keccak256(abi.encode(market.base, market.quote));
    }
}
