// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Forwards messages under one nonce that all relayers share
/// @dev The variable that conflicts: `nonce`.
contract Forwarder {
    uint256 public nonce;
    mapping(address sender => bytes32) public lastOf;

    error WrongNonce(uint256 expected, uint256 given);

    function forward(uint256 given, bytes32 message) external {
        if (given != nonce) revert WrongNonce(nonce, given);
        nonce = given + 1;
        lastOf[msg.sender] = message;
    }
}
