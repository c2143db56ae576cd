// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Pair} from "./Pair.sol";

/// @title Makes pairs, one for each two tokens, at addresses that CREATE2 fixes beforehand
contract PairFactory {
    mapping(address tokenA => mapping(address tokenB => address)) public pairOf;
    address[] public pairs;

    event PairCreated(address indexed token0, address indexed token1, address pair, uint256 count);

    error IdenticalTokens(address token);
    error ZeroToken();
    error PairExists(address pair);

    function createPair(address tokenA, address tokenB) external returns (address pair) {
        if (tokenA == tokenB) revert IdenticalTokens(tokenA);
        (address token0, address token1) = tokenA < tokenB ? (tokenA, tokenB) : (tokenB, tokenA);
        if (token0 == address(0)) revert ZeroToken();
        if (pairOf[token0][token1] != address(0)) revert PairExists(pairOf[token0][token1]);
        pair = address(new Pair{salt: keccak256(abi.encode(token0, token1))}(token0, token1));
        pairOf[token0][token1] = pair;
        pairOf[token1][token0] = pair;
        pairs.push(pair);
        emit PairCreated(token0, token1, pair, pairs.length);
    }

    function pairCount() external view returns (uint256) {
        return pairs.length;
    }
}
