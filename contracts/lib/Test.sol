// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {vm} from "./Vm.sol";

/// @title What a forge test inherits: assertions that say what they saw
abstract contract Test {
    /// @dev How forge tells a test from a contract of the same form
    bool public constant IS_TEST = true;

    error NotEqual(uint256 actual, uint256 expected);
    error NotEqualAddress(address actual, address expected);
    error NotEqualBytes32(bytes32 actual, bytes32 expected);
    error NotEqualText(string actual, string expected);
    error NotEqualBytes(bytes actual, bytes expected);

    function assertTrue(bool condition, string memory what) internal pure {
        require(condition, what);
    }

    function assertEq(uint256 actual, uint256 expected) internal pure {
        require(actual == expected, NotEqual(actual, expected));
    }

    function assertEq(address actual, address expected) internal pure {
        require(actual == expected, NotEqualAddress(actual, expected));
    }

    function assertEq(bytes32 actual, bytes32 expected) internal pure {
        require(actual == expected, NotEqualBytes32(actual, expected));
    }

    function assertEq(string memory actual, string memory expected) internal pure {
        bool equal = keccak256(bytes(actual)) == keccak256(bytes(expected));
        require(equal, NotEqualText(actual, expected));
    }

    function assertEq(bytes memory actual, bytes memory expected) internal pure {
        require(keccak256(actual) == keccak256(expected), NotEqualBytes(actual, expected));
    }

    /// @dev An address that nothing else uses, the same in each run
    function account(string memory label) internal pure returns (address) {
        return address(uint160(uint256(keccak256(bytes(label)))));
    }

    /// @dev Whether two recorded lists of slots share one that the first run wrote and the second
    ///      touched
    function meet(bytes32[] memory written, bytes32[] memory touched) internal pure returns (bool) {
        for (uint256 i = 0; i < written.length; i++) {
            for (uint256 j = 0; j < touched.length; j++) {
                if (written[i] == touched[j]) return true;
            }
        }
        return false;
    }

    /// @dev Whether two calls to `target` conflict over one of its slots: the one writes what the
    ///      other reads or writes
    function conflict(
        address target,
        address first,
        address second,
        bytes memory firstCall,
        bytes memory secondCall
    ) internal returns (bool) {
        (bytes32[] memory reads1, bytes32[] memory writes1) = accessesOf(target, first, firstCall);
        (bytes32[] memory reads2, bytes32[] memory writes2) = accessesOf(target, second, secondCall);
        return meet(writes1, reads2) || meet(writes2, reads1) || meet(writes1, writes2);
    }

    function accessesOf(address target, address sender, bytes memory data)
        internal
        returns (bytes32[] memory reads, bytes32[] memory writes)
    {
        vm.record();
        vm.prank(sender);
        (bool success,) = target.call(data);
        require(success, "the recorded call failed");
        return vm.accesses(target);
    }
}
