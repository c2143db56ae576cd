// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "../lib/Test.sol";
import {vm} from "../lib/Vm.sol";
import {ERC20} from "../src/tokens/ERC20.sol";
import {CheckpointVault} from "../src/vault/CheckpointVault.sol";
import {IndexVault} from "../src/vault/IndexVault.sol";

contract VaultsTest is Test {
    /// @dev 0.01% a second: quick enough to see
    uint192 private constant RATE = 1e14;
    uint256 private constant START = 1_700_000_000;

    ERC20 private token;
    IndexVault private before;
    CheckpointVault private cured;
    address private alice = account("alice");
    address private bob = account("bob");

    function setUp() public {
        vm.warp(START);
        token = new ERC20("Token", "TKN", 1e30);
        before = new IndexVault(token, RATE);
        cured = new CheckpointVault(token, RATE);
        token.transfer(address(before), 1e24);
        token.transfer(address(cured), 1e24);
        _equip(alice);
        _equip(bob);
    }

    function test_bothPayTheSameInterest() public {
        vm.startPrank(alice);
        before.deposit(1 ether);
        cured.deposit(1 ether);
        vm.warp(START + 1000);
        assertEq(before.balanceOf(alice), 1.1 ether);
        assertEq(cured.balanceOf(alice), 1.1 ether);
        uint256 had = token.balanceOf(alice);
        before.withdraw(before.sharesOf(alice));
        cured.withdraw(1.1 ether);
        vm.stopPrank();
        assertEq(token.balanceOf(alice) - had, 2.2 ether);
        assertEq(before.totalShares(), 0);
        assertEq(cured.balanceOf(alice), 0);
    }

    function test_index_isSharedByAll() public {
        vm.prank(alice);
        before.deposit(1 ether);
        vm.warp(START + 1000);
        vm.prank(bob);
        uint256 shares = before.deposit(1.1 ether);
        assertEq(shares, 1 ether);
        assertEq(before.totalOwed(), 2.2 ether);
    }

    function test_checkpoint_growsByEachRate() public {
        vm.prank(alice);
        cured.deposit(1 ether);
        vm.warp(START + 1000);
        cured.setRate(0);
        vm.warp(START + 2000);
        assertEq(cured.balanceOf(alice), 1.1 ether);
        cured.setRate(2 * RATE);
        vm.warp(START + 3000);
        assertEq(cured.balanceOf(alice), 1.32 ether);
    }

    function test_withdraw_tooMuch_reverts() public {
        vm.startPrank(alice);
        cured.deposit(5);
        before.deposit(5);
        vm.expectRevert(
            abi.encodeWithSelector(CheckpointVault.InsufficientBalance.selector, alice, 5, 6)
        );
        cured.withdraw(6);
        vm.expectRevert(abi.encodeWithSelector(IndexVault.InsufficientShares.selector, alice, 5, 6));
        before.withdraw(6);
        vm.stopPrank();
    }

    function test_setRate_byOthers_reverts() public {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(CheckpointVault.NotOwner.selector, alice));
        cured.setRate(1);
    }

    function test_onlyTheSharedIndexConflicts() public {
        bytes memory deposit = abi.encodeCall(before.deposit, (100));
        assertTrue(conflict(address(before), alice, bob, deposit, deposit), "before");
        assertTrue(!conflict(address(cured), alice, bob, deposit, deposit), "after");
    }

    function _equip(address depositor) private {
        token.transfer(depositor, 100 ether);
        vm.startPrank(depositor);
        token.approve(address(before), type(uint256).max);
        token.approve(address(cured), type(uint256).max);
        vm.stopPrank();
    }
}
