// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {console} from "../../lib/console.sol";

/// @title Every way a call can end badly, and every kind of line that `console.log` can print
/// @dev What a node, a tracer or a client shows for each of them is tested against this contract.
contract Diagnostics {
    enum Colour {
        Red,
        Green
    }

    error Plain();
    error WithNumber(uint256 number);
    error WithArguments(address account, uint256 available, uint256 required);
    error WithText(string text, bytes data);

    event Reached(string step, uint256 number);

    uint256 public value;
    uint256 private _zero;
    uint256[] private _numbers;
    bytes private _text;
    function() internal _unset;

    // --- errors ----------------------------------------------------------------------------------

    function revertPlain() external pure {
        revert Plain();
    }

    function revertWithNumber(uint256 number) external pure {
        revert WithNumber(number);
    }

    function revertWithArguments(uint256 available, uint256 required) external view {
        revert WithArguments(msg.sender, available, required);
    }

    function revertWithText(string calldata text, bytes calldata data) external pure {
        revert WithText(text, data);
    }

    function requireText(bool condition) external pure {
        require(condition, "the condition does not hold");
    }

    /// @notice A reason as long as the caller likes, to find where it is cut off
    function requireGivenText(string calldata text) external pure {
        require(false, text);
    }

    function requireNoText(bool condition) external pure {
        require(condition);
    }

    function revertEmpty() external pure {
        revert();
    }

    /// @notice Reverts with any bytes, also such that are no error of any ABI
    function revertRaw(bytes memory data) external pure {
        assembly ("memory-safe") {
            revert(add(data, 32), mload(data))
        }
    }

    // --- panics, by their code -------------------------------------------------------------------

    /// @notice 0x01
    function panicAssert() external view {
        assert(_zero == 1);
    }

    /// @notice 0x11
    function panicOverflow() external view returns (uint256) {
        return type(uint256).max + (_zero + 1);
    }

    /// @notice 0x11
    function panicUnderflow() external view returns (uint256) {
        return _zero - 1;
    }

    /// @notice 0x12
    function panicDivisionByZero() external view returns (uint256) {
        return 1 / _zero;
    }

    /// @notice 0x21
    function panicEnumConversion() external view returns (Colour) {
        return Colour(_zero + 2);
    }

    /// @notice 0x22
    function panicStorageEncoding() external returns (bytes memory) {
        assembly ("memory-safe") {
            // Says "long" in its lowest bit and a length that only a short one can have.
            sstore(_text.slot, 0x3)
        }
        return _text;
    }

    /// @notice 0x31
    function panicEmptyPop() external {
        _numbers.pop();
    }

    /// @notice 0x32
    function panicOutOfBounds() external view returns (uint256) {
        return _numbers[_numbers.length];
    }

    /// @notice 0x41
    function panicTooMuchMemory() external view returns (uint256) {
        uint256[] memory huge = new uint256[](type(uint256).max - _zero);
        return huge.length;
    }

    /// @notice 0x51
    function panicUnsetFunction() external {
        _unset();
    }

    // --- halts -----------------------------------------------------------------------------------

    function invalidOpcode() external pure {
        assembly ("memory-safe") {
            invalid()
        }
    }

    /// @notice Uses up all gas that it gets
    function infiniteLoop() external {
        while (true) {
            value += 1;
        }
    }

    /// @notice Calls itself until the gas or the depth of 1024 runs out
    function infiniteRecursion() external {
        this.infiniteRecursion();
    }

    // --- a failure below -------------------------------------------------------------------------

    /// @notice Fails two calls down; the error comes up unchanged
    function bubble(uint256 number) external view {
        this.revertWithNumber(number);
    }

    /// @notice Fails below and goes on: the call succeeds, its trace holds a revert
    function catchBelow(uint256 number) external returns (bytes memory reason) {
        try this.writeThenRevert(number) {
            emit Reached("not here", number);
        } catch (bytes memory data) {
            emit Reached("caught", number);
            return data;
        }
    }

    /// @notice Writes and logs, then reverts, so that neither stays
    function writeThenRevert(uint256 number) external {
        value = number;
        emit Reached("before the revert", number);
        revert WithNumber(number);
    }

    // --- console.log -----------------------------------------------------------------------------

    function logAll() external returns (uint256) {
        console.log("a line of text");
        console.log(uint256(42));
        console.log(int256(-42));
        console.log(true);
        console.log(address(this));
        console.logBytes32(keccak256("heddle"));
        console.logBytes(hex"c0ffee");
        console.log("text and text:", "more");
        console.log("text and a number:", uint256(7));
        console.log("text and a negative number:", int256(-7));
        console.log("text and a truth:", false);
        console.log("text and an address:", msg.sender);
        console.log("%s has %d of %s", msg.sender, uint256(1000), "tokens");
        console.log("three numbers:", uint256(1), uint256(2), uint256(3));
        value = 42;
        return value;
    }

    /// @notice Logs, then reverts: the line is printed all the same
    function logThenRevert(string calldata text) external view {
        console.log("about to revert:", text);
        revert Plain();
    }
}
