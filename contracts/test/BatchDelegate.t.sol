// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "../lib/Test.sol";
import {vm} from "../lib/Vm.sol";
import {BatchDelegate} from "../src/accounts/BatchDelegate.sol";
import {Counter} from "../src/counters/Counter.sol";
import {ERC20} from "../src/tokens/ERC20.sol";
import {ERC20Base} from "../src/tokens/ERC20Base.sol";

contract BatchDelegateTest is Test {
    uint256 private constant KEY = 0xa11ce;

    BatchDelegate private wallet;
    ERC20 private token = new ERC20("Token", "TKN", 1000);
    Counter private counter = new Counter();
    address private alice = vm.addr(KEY);
    address private bob = account("bob");

    function setUp() public {
        // What an EIP-7702 authorisation leaves in the account.
        vm.etch(alice, abi.encodePacked(hex"ef0100", address(new BatchDelegate())));
        wallet = BatchDelegate(payable(alice));
        token.transfer(alice, 100);
        vm.deal(alice, 1 ether);
    }

    function test_execute_makesAllCalls() public {
        vm.prank(alice);
        bytes[] memory results = wallet.execute(_calls(60));
        assertEq(results.length, 3);
        assertEq(results[0], abi.encode(true));
        assertEq(token.balanceOf(bob), 60);
        assertEq(counter.count(), 1);
        assertEq(bob.balance, 0.25 ether);
    }

    function test_execute_allOrNone() public {
        bytes memory reason =
            abi.encodeWithSelector(ERC20Base.InsufficientBalance.selector, alice, 100, 101);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(BatchDelegate.CallFailed.selector, 0, reason));
        wallet.execute(_calls(101));
        assertEq(counter.count(), 0);
    }

    function test_execute_byOthers_reverts() public {
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(BatchDelegate.NotSelf.selector, bob));
        wallet.execute(_calls(1));
    }

    function test_executeSigned_worksOnce() public {
        BatchDelegate.Call[] memory calls = _calls(10);
        bytes32 digest =
            keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", wallet.digestOf(calls)));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, digest);
        vm.prank(bob);
        wallet.executeSigned(calls, v, r, s);
        assertEq(token.balanceOf(bob), 10);
        assertEq(wallet.nonce(), 1);
        vm.expectPartialRevert(BatchDelegate.InvalidSignature.selector);
        wallet.executeSigned(calls, v, r, s);
    }

    function test_nonce_liesInItsNamespace() public {
        BatchDelegate.Call[] memory none = new BatchDelegate.Call[](0);
        bytes32 digest =
            keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", wallet.digestOf(none)));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, digest);
        wallet.executeSigned(none, v, r, s);
        bytes32 inner = bytes32(uint256(keccak256("heddle.BatchDelegate")) - 1);
        bytes32 slot = keccak256(abi.encode(inner)) & ~bytes32(uint256(0xff));
        assertEq(uint256(vm.load(alice, slot)), 1);
    }

    function _calls(uint256 amount) private view returns (BatchDelegate.Call[] memory calls) {
        calls = new BatchDelegate.Call[](3);
        calls[0] =
            BatchDelegate.Call(address(token), 0, abi.encodeCall(token.transfer, (bob, amount)));
        calls[1] = BatchDelegate.Call(address(counter), 0, abi.encodeCall(counter.increment, ()));
        calls[2] = BatchDelegate.Call(bob, 0.25 ether, "");
    }
}
