// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title What an implementation behind `ERC1967Proxy` inherits: an initializer in place of a
///   constructor, an owner, and upgrades decided by the implementation itself (ERC-1822)
abstract contract Upgradeable {
    /// @dev keccak256("eip1967.proxy.implementation") - 1
    bytes32 private constant IMPLEMENTATION_SLOT =
        0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;

    address private immutable _self = address(this);

    /// @notice The version whose initializer ran last; 0 before the first
    uint8 public initializedVersion;
    address public owner;

    event Initialized(uint8 version);
    event Upgraded(address indexed implementation);

    error AlreadyInitialized(uint8 version);
    error NotOwner(address caller);
    error NotThroughProxy();
    error NotUpgradeable(address implementation);

    modifier initializer(uint8 version) {
        if (initializedVersion >= version) revert AlreadyInitialized(initializedVersion);
        initializedVersion = version;
        _;
        emit Initialized(version);
    }

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    /// @dev The implementation itself, outside a proxy, is nobody's
    constructor() {
        initializedVersion = type(uint8).max;
    }

    /// @notice The slot it is kept in (ERC-1822): what an upgrade asks of the new implementation
    function proxiableUUID() external view returns (bytes32) {
        if (address(this) != _self) revert NotThroughProxy();
        return IMPLEMENTATION_SLOT;
    }

    /// @notice Puts a new implementation behind the proxy, and calls it if there is `data`
    function upgradeToAndCall(address implementation, bytes calldata data)
        external
        payable
        onlyOwner
    {
        if (address(this) == _self) revert NotThroughProxy();
        if (implementation.code.length == 0) revert NotUpgradeable(implementation);
        if (Upgradeable(implementation).proxiableUUID() != IMPLEMENTATION_SLOT) {
            revert NotUpgradeable(implementation);
        }
        assembly ("memory-safe") {
            sstore(IMPLEMENTATION_SLOT, implementation)
        }
        emit Upgraded(implementation);
        if (data.length == 0) return;
        (bool success, bytes memory result) = implementation.delegatecall(data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(result, 32), mload(result))
            }
        }
    }
}
