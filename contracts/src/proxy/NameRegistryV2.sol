// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {NameRegistry} from "./NameRegistry.sol";

/// @title The second version: names cost a fee and can be given back
/// @dev New variables come after the old ones, so that the proxy's storage keeps its meaning
contract NameRegistryV2 is NameRegistry {
    uint256 public fee;

    event Released(address indexed account, string name);

    error FeeTooLow(uint256 paid, uint256 fee);
    error NoName(address account);

    function initializeV2(uint256 fee_) external initializer(2) {
        fee = fee_;
    }

    /// @notice Registers for the fee; what is paid above it is kept
    function registerFor(string calldata name) external payable {
        if (msg.value < fee) revert FeeTooLow(msg.value, fee);
        _register(name);
    }

    function register(string calldata name) external override {
        if (fee > 0) revert FeeTooLow(0, fee);
        _register(name);
    }

    function release() external {
        string memory name = nameOf[msg.sender];
        if (bytes(name).length == 0) revert NoName(msg.sender);
        delete accountOf[name];
        delete nameOf[msg.sender];
        emit Released(msg.sender, name);
    }
}
