// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Printing from Solidity: static calls to the address that dev nodes listen at
/// @dev The signatures are those of Hardhat's console, which is how a listener knows the types. On
///      other chains the address holds no code and the calls do nothing.
library console {
    address private constant LISTENER = 0x000000000000000000636F6e736F6c652e6c6f67;

    function log() internal view {
        _send(abi.encodeWithSignature("log()"));
    }

    function log(string memory a) internal view {
        _send(abi.encodeWithSignature("log(string)", a));
    }

    function log(uint256 a) internal view {
        _send(abi.encodeWithSignature("log(uint256)", a));
    }

    function log(int256 a) internal view {
        _send(abi.encodeWithSignature("log(int256)", a));
    }

    function log(bool a) internal view {
        _send(abi.encodeWithSignature("log(bool)", a));
    }

    function log(address a) internal view {
        _send(abi.encodeWithSignature("log(address)", a));
    }

    function logBytes(bytes memory a) internal view {
        _send(abi.encodeWithSignature("log(bytes)", a));
    }

    function logBytes32(bytes32 a) internal view {
        _send(abi.encodeWithSignature("log(bytes32)", a));
    }

    function log(string memory a, string memory b) internal view {
        _send(abi.encodeWithSignature("log(string,string)", a, b));
    }

    function log(string memory a, uint256 b) internal view {
        _send(abi.encodeWithSignature("log(string,uint256)", a, b));
    }

    function log(string memory a, int256 b) internal view {
        _send(abi.encodeWithSignature("log(string,int256)", a, b));
    }

    function log(string memory a, bool b) internal view {
        _send(abi.encodeWithSignature("log(string,bool)", a, b));
    }

    function log(string memory a, address b) internal view {
        _send(abi.encodeWithSignature("log(string,address)", a, b));
    }

    function log(string memory a, uint256 b, uint256 c) internal view {
        _send(abi.encodeWithSignature("log(string,uint256,uint256)", a, b, c));
    }

    function log(string memory a, address b, uint256 c, string memory d) internal view {
        _send(abi.encodeWithSignature("log(string,address,uint256,string)", a, b, c, d));
    }

    function log(string memory a, uint256 b, uint256 c, uint256 d) internal view {
        _send(abi.encodeWithSignature("log(string,uint256,uint256,uint256)", a, b, c, d));
    }

    function _send(bytes memory payload) private view {
        (bool ignored,) = LISTENER.staticcall(payload);
        ignored;
    }
}
