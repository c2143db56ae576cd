// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "../lib/Test.sol";
import {vm} from "../lib/Vm.sol";
import {Escrow, Market} from "../src/exchange/Escrow.sol";
import {OrderBook} from "../src/exchange/OrderBook.sol";
import {OrderBookPerMarket} from "../src/exchange/OrderBookPerMarket.sol";
import {ERC20} from "../src/tokens/ERC20.sol";

contract OrderBooksTest is Test {
    ERC20 private gold = new ERC20("Gold", "XAU", 1e24);
    ERC20 private silver = new ERC20("Silver", "XAG", 1e24);
    ERC20 private cash = new ERC20("Cash", "USD", 1e24);
    OrderBook private before = new OrderBook();
    OrderBookPerMarket private cured = new OrderBookPerMarket();
    address private alice = account("alice");
    address private bob = account("bob");

    function setUp() public {
        _fund(before);
        _fund(cured);
    }

    function test_sellOrder_isFilledInParts() public {
        vm.prank(alice);
        uint256 id = before.place(_goldMarket(), true, 50, 100);
        assertEq(before.funds(address(gold), alice), 900);
        vm.startPrank(bob);
        before.fill(id, 40);
        assertEq(before.openOrders(), 1);
        before.fill(id, 60);
        vm.stopPrank();
        assertEq(before.openOrders(), 0);
        assertEq(before.funds(address(gold), bob), 1100);
        assertEq(before.funds(address(cash), bob), 95_000);
        assertEq(before.funds(address(cash), alice), 105_000);
    }

    function test_buyOrder_perMarket_isFilled() public {
        vm.prank(alice);
        uint256 id = cured.place(_goldMarket(), false, 50, 100);
        assertEq(cured.funds(address(cash), alice), 95_000);
        vm.prank(bob);
        cured.fill(_goldMarket(), id, 100);
        assertEq(cured.funds(address(gold), alice), 1100);
        assertEq(cured.funds(address(cash), bob), 105_000);
        assertEq(cured.openOrders(cured.keyOf(_goldMarket())), 0);
    }

    function test_cancel_givesBack() public {
        vm.startPrank(alice);
        uint256 first = before.place(_goldMarket(), true, 50, 100);
        uint256 second = cured.place(_goldMarket(), true, 50, 100);
        before.cancel(first);
        cured.cancel(_goldMarket(), second);
        vm.stopPrank();
        assertEq(before.funds(address(gold), alice), 1000);
        assertEq(cured.funds(address(gold), alice), 1000);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(Escrow.NotEnoughLeft.selector, 0, 1));
        before.fill(first, 1);
    }

    function test_cancel_byOthers_reverts() public {
        vm.prank(alice);
        uint256 id = cured.place(_goldMarket(), true, 50, 100);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(Escrow.NotMaker.selector, bob, alice));
        cured.cancel(_goldMarket(), id);
    }

    function test_place_withoutFunds_reverts() public {
        vm.prank(alice);
        vm.expectRevert(
            abi.encodeWithSelector(
                Escrow.InsufficientFunds.selector, alice, address(gold), 1000, 1001
            )
        );
        before.place(_goldMarket(), true, 50, 1001);
    }

    function test_withdraw_paysOut() public {
        vm.prank(alice);
        before.withdraw(address(gold), 1000);
        assertEq(gold.balanceOf(alice), 1000);
        assertEq(before.funds(address(gold), alice), 0);
    }

    function test_onlyTheOneBookConflictsOverMarkets() public {
        bytes memory placeGold = abi.encodeCall(before.place, (_goldMarket(), true, 50, 1));
        bytes memory placeSilver = abi.encodeCall(before.place, (_silverMarket(), true, 5, 1));
        assertTrue(conflict(address(before), alice, bob, placeGold, placeSilver), "before");
        assertTrue(!conflict(address(cured), alice, bob, placeGold, placeSilver), "after");
        assertTrue(conflict(address(cured), alice, bob, placeGold, placeGold), "after, one market");
    }

    function _fund(Escrow book) private {
        address[2] memory traders = [alice, bob];
        for (uint256 i = 0; i < traders.length; i++) {
            _deposit(book, gold, traders[i], 1000);
            _deposit(book, silver, traders[i], 1000);
            _deposit(book, cash, traders[i], 100_000);
        }
    }

    function _deposit(Escrow book, ERC20 token, address trader, uint256 amount) private {
        token.transfer(trader, amount);
        vm.startPrank(trader);
        token.approve(address(book), amount);
        book.deposit(address(token), amount);
        vm.stopPrank();
    }

    function _goldMarket() private view returns (Market memory) {
        return Market(address(gold), address(cash));
    }

    function _silverMarket() private view returns (Market memory) {
        return Market(address(silver), address(cash));
    }
}
