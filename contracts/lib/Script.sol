// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title What a forge script inherits
abstract contract Script {
    /// @dev How forge tells a script from a contract of the same form
    bool public constant IS_SCRIPT = true;
}
