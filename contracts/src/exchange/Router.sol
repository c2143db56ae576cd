// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "../tokens/IERC20.sol";
import {Pair} from "./Pair.sol";
import {PairFactory} from "./PairFactory.sol";

/// @title Swaps along a path of pairs, and puts liquidity in and out
/// @dev It keeps no state of its own, so it never makes two trades conflict that do not share a
///      pair or an account.
contract Router {
    PairFactory public immutable factory;

    error Expired(uint256 deadline);
    error InvalidPath(uint256 length);
    error NoPair(address tokenA, address tokenB);
    error InsufficientAmount(uint256 amount);
    error InsufficientOutput(uint256 amount, uint256 minimum);
    error InsufficientDeposit(address token, uint256 amount, uint256 minimum);
    error EmptyReserves();
    error TokenTransferFailed(address token);

    modifier before(uint256 deadline) {
        if (block.timestamp > deadline) revert Expired(deadline);
        _;
    }

    constructor(PairFactory factory_) {
        factory = factory_;
    }

    /// @notice Sells `amountIn` of the path's first token for `amountOutMin` or more of its last
    /// @return amounts what went in and what came out of each pair of the path
    function swapExactTokensForTokens(
        uint256 amountIn,
        uint256 amountOutMin,
        address[] calldata path,
        address to,
        uint256 deadline
    ) external before(deadline) returns (uint256[] memory amounts) {
        amounts = getAmountsOut(amountIn, path);
        uint256 last = amounts[amounts.length - 1];
        if (last < amountOutMin) revert InsufficientOutput(last, amountOutMin);
        _pull(path[0], _pairFor(path[0], path[1]), amountIn);
        for (uint256 i = 0; i + 1 < path.length; i++) {
            address receiver = i + 2 < path.length ? _pairFor(path[i + 1], path[i + 2]) : to;
            uint256 out = amounts[i + 1];
            (uint256 out0, uint256 out1) =
                path[i] < path[i + 1] ? (uint256(0), out) : (out, uint256(0));
            Pair(_pairFor(path[i], path[i + 1])).swap(out0, out1, receiver);
        }
    }

    /// @notice Puts both tokens in at the pool's price, making the pair if there is none yet
    function addLiquidity(
        address tokenA,
        address tokenB,
        uint256 amountADesired,
        uint256 amountBDesired,
        uint256 amountAMin,
        uint256 amountBMin,
        address to,
        uint256 deadline
    ) external before(deadline) returns (uint256 amountA, uint256 amountB, uint256 shares) {
        address pair = factory.pairOf(tokenA, tokenB);
        if (pair == address(0)) pair = factory.createPair(tokenA, tokenB);
        (amountA, amountB) = _fit(tokenA, tokenB, amountADesired, amountBDesired);
        if (amountA < amountAMin) revert InsufficientDeposit(tokenA, amountA, amountAMin);
        if (amountB < amountBMin) revert InsufficientDeposit(tokenB, amountB, amountBMin);
        _pull(tokenA, pair, amountA);
        _pull(tokenB, pair, amountB);
        shares = Pair(pair).mint(to);
    }

    /// @notice Takes out what `shares` of the pair stand for
    function removeLiquidity(
        address tokenA,
        address tokenB,
        uint256 shares,
        uint256 amountAMin,
        uint256 amountBMin,
        address to,
        uint256 deadline
    ) external before(deadline) returns (uint256 amountA, uint256 amountB) {
        address pair = _pairFor(tokenA, tokenB);
        _pull(pair, pair, shares);
        (uint256 amount0, uint256 amount1) = Pair(pair).burn(to);
        (amountA, amountB) = tokenA < tokenB ? (amount0, amount1) : (amount1, amount0);
        if (amountA < amountAMin) revert InsufficientOutput(amountA, amountAMin);
        if (amountB < amountBMin) revert InsufficientOutput(amountB, amountBMin);
    }

    /// @notice What each step of a path gives for `amountIn`, the fee taken off
    function getAmountsOut(uint256 amountIn, address[] calldata path)
        public
        view
        returns (uint256[] memory amounts)
    {
        if (path.length < 2) revert InvalidPath(path.length);
        amounts = new uint256[](path.length);
        amounts[0] = amountIn;
        for (uint256 i = 0; i + 1 < path.length; i++) {
            (uint256 reserveIn, uint256 reserveOut) = _reserves(path[i], path[i + 1]);
            amounts[i + 1] = getAmountOut(amounts[i], reserveIn, reserveOut);
        }
    }

    function getAmountOut(uint256 amountIn, uint256 reserveIn, uint256 reserveOut)
        public
        pure
        returns (uint256)
    {
        if (amountIn == 0) revert InsufficientAmount(amountIn);
        if (reserveIn == 0 || reserveOut == 0) revert EmptyReserves();
        uint256 paid = amountIn * 997;
        return paid * reserveOut / (reserveIn * 1000 + paid);
    }

    function _fit(address tokenA, address tokenB, uint256 amountA, uint256 amountB)
        private
        view
        returns (uint256, uint256)
    {
        (uint256 reserveA, uint256 reserveB) = _reserves(tokenA, tokenB);
        if (reserveA == 0 && reserveB == 0) return (amountA, amountB);
        uint256 fittingB = amountA * reserveB / reserveA;
        if (fittingB <= amountB) return (amountA, fittingB);
        return (amountB * reserveA / reserveB, amountB);
    }

    function _reserves(address tokenA, address tokenB) private view returns (uint256, uint256) {
        (uint112 reserve0, uint112 reserve1) = Pair(_pairFor(tokenA, tokenB)).getReserves();
        return tokenA < tokenB ? (reserve0, reserve1) : (reserve1, reserve0);
    }

    function _pairFor(address tokenA, address tokenB) private view returns (address pair) {
        pair = factory.pairOf(tokenA, tokenB);
        if (pair == address(0)) revert NoPair(tokenA, tokenB);
    }

    function _pull(address token, address to, uint256 amount) private {
        if (!IERC20(token).transferFrom(msg.sender, to, amount)) revert TokenTransferFailed(token);
    }
}
