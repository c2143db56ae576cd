// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Upgradeable} from "./Upgradeable.sol";

/// @title Names for accounts, to be run behind a proxy
contract NameRegistry is Upgradeable {
    mapping(string name => address) public accountOf;
    mapping(address account => string) public nameOf;

    event Registered(address indexed account, string name);

    error NameTaken(string name, address account);
    error EmptyName();

    function initialize(address owner_) external initializer(1) {
        owner = owner_;
    }

    /// @notice Gives `name` to the caller in place of the one it had
    function register(string calldata name) external virtual {
        _register(name);
    }

    function _register(string calldata name) internal {
        if (bytes(name).length == 0) revert EmptyName();
        if (accountOf[name] != address(0)) revert NameTaken(name, accountOf[name]);
        delete accountOf[nameOf[msg.sender]];
        accountOf[name] = msg.sender;
        nameOf[msg.sender] = name;
        emit Registered(msg.sender, name);
    }
}
