// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "../lib/Test.sol";
import {vm} from "../lib/Vm.sol";
import {Diagnostics} from "../src/diagnostics/Diagnostics.sol";

contract DiagnosticsTest is Test {
    Diagnostics private target = new Diagnostics();

    function test_customErrors() public {
        _fails(
            abi.encodeCall(target.revertPlain, ()),
            abi.encodeWithSelector(Diagnostics.Plain.selector)
        );
        _fails(
            abi.encodeCall(target.revertWithNumber, (7)),
            abi.encodeWithSelector(Diagnostics.WithNumber.selector, 7)
        );
        _fails(
            abi.encodeCall(target.revertWithArguments, (1, 2)),
            abi.encodeWithSelector(Diagnostics.WithArguments.selector, address(this), 1, 2)
        );
        _fails(
            abi.encodeCall(target.revertWithText, ("why", hex"c0de")),
            abi.encodeWithSelector(Diagnostics.WithText.selector, "why", hex"c0de")
        );
    }

    function test_reasons() public {
        target.requireText(true);
        target.requireNoText(true);
        _fails(
            abi.encodeCall(target.requireText, (false)),
            abi.encodeWithSignature("Error(string)", "the condition does not hold")
        );
        _fails(
            abi.encodeCall(target.requireGivenText, ("")),
            abi.encodeWithSignature("Error(string)", "")
        );
        _fails(abi.encodeCall(target.requireNoText, (false)), "");
        _fails(abi.encodeCall(target.revertEmpty, ()), "");
        _fails(abi.encodeCall(target.revertRaw, (hex"00112233445566")), hex"00112233445566");
    }

    function test_panics() public {
        _panics(abi.encodeCall(target.panicAssert, ()), 0x01);
        _panics(abi.encodeCall(target.panicOverflow, ()), 0x11);
        _panics(abi.encodeCall(target.panicUnderflow, ()), 0x11);
        _panics(abi.encodeCall(target.panicDivisionByZero, ()), 0x12);
        _panics(abi.encodeCall(target.panicEnumConversion, ()), 0x21);
        _panics(abi.encodeCall(target.panicStorageEncoding, ()), 0x22);
        _panics(abi.encodeCall(target.panicEmptyPop, ()), 0x31);
        _panics(abi.encodeCall(target.panicOutOfBounds, ()), 0x32);
        _panics(abi.encodeCall(target.panicTooMuchMemory, ()), 0x41);
        _panics(abi.encodeCall(target.panicUnsetFunction, ()), 0x51);
    }

    function test_halts_takeAllGas() public {
        _halts(abi.encodeCall(target.invalidOpcode, ()));
        _halts(abi.encodeCall(target.infiniteLoop, ()));
        assertEq(target.value(), 0);
        (bool success, bytes memory data) =
            address(target).call{gas: 200_000}(abi.encodeCall(target.infiniteRecursion, ()));
        assertTrue(!success && data.length == 0, "recursion");
    }

    function test_failureBelow() public {
        _fails(
            abi.encodeCall(target.bubble, (7)),
            abi.encodeWithSelector(Diagnostics.WithNumber.selector, 7)
        );
        vm.expectEmit();
        emit Diagnostics.Reached("caught", 8);
        assertEq(target.catchBelow(8), abi.encodeWithSelector(Diagnostics.WithNumber.selector, 8));
        assertEq(target.value(), 0);
    }

    function test_console_changesNothing() public {
        assertEq(target.logAll(), 42);
        _fails(
            abi.encodeCall(target.logThenRevert, ("now")),
            abi.encodeWithSelector(Diagnostics.Plain.selector)
        );
    }

    function _panics(bytes memory data, uint256 code) private {
        _fails(data, abi.encodeWithSignature("Panic(uint256)", code));
    }

    function _fails(bytes memory data, bytes memory expected) private {
        (bool success, bytes memory result) = address(target).call(data);
        assertTrue(!success, "the call should fail");
        assertEq(result, expected);
    }

    function _halts(bytes memory data) private {
        uint256 before = gasleft();
        (bool success, bytes memory result) = address(target).call{gas: 200_000}(data);
        assertTrue(!success && result.length == 0, "the call should halt");
        assertTrue(before - gasleft() >= 200_000, "all gas");
    }
}
