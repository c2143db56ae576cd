// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "../lib/Test.sol";
import {vm} from "../lib/Vm.sol";
import {ERC20} from "../src/tokens/ERC20.sol";
import {ERC20Base} from "../src/tokens/ERC20Base.sol";
import {FeeToken} from "../src/tokens/FeeToken.sol";
import {FeeTokenPerAccount} from "../src/tokens/FeeTokenPerAccount.sol";
import {IERC20} from "../src/tokens/IERC20.sol";
import {WETH} from "../src/tokens/WETH.sol";

contract ERC20Test is Test {
    ERC20 private token;
    address private alice = account("alice");
    address private bob = account("bob");

    function setUp() public {
        token = new ERC20("Token", "TKN", 1000);
    }

    function test_transfer_movesValue() public {
        vm.expectEmit();
        emit IERC20.Transfer(address(this), alice, 400);
        assertTrue(token.transfer(alice, 400), "transfer");
        assertEq(token.balanceOf(alice), 400);
        assertEq(token.balanceOf(address(this)), 600);
        assertEq(token.totalSupply(), 1000);
    }

    function test_transfer_toSelf_keepsBalance() public {
        token.transfer(address(this), 1000);
        assertEq(token.balanceOf(address(this)), 1000);
    }

    function test_transfer_tooMuch_reverts() public {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(ERC20Base.InsufficientBalance.selector, alice, 0, 1));
        token.transfer(bob, 1);
    }

    function test_transfer_toZero_reverts() public {
        vm.expectRevert(abi.encodeWithSelector(ERC20Base.InvalidReceiver.selector, address(0)));
        token.transfer(address(0), 1);
    }

    function test_transferFrom_usesUpAllowance() public {
        token.approve(alice, 100);
        vm.startPrank(alice);
        token.transferFrom(address(this), bob, 60);
        assertEq(token.allowance(address(this), alice), 40);
        vm.expectRevert(
            abi.encodeWithSelector(ERC20Base.InsufficientAllowance.selector, alice, 40, 41)
        );
        token.transferFrom(address(this), bob, 41);
        vm.stopPrank();
    }

    function test_transferFrom_endlessAllowanceStays() public {
        token.approve(alice, type(uint256).max);
        vm.prank(alice);
        token.transferFrom(address(this), bob, 60);
        assertEq(token.allowance(address(this), alice), type(uint256).max);
    }

    function test_mintAndBurn_changeSupply() public {
        token.mint(alice, 500);
        assertEq(token.totalSupply(), 1500);
        vm.prank(alice);
        token.burn(200);
        assertEq(token.totalSupply(), 1300);
        assertEq(token.balanceOf(alice), 300);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(ERC20.NotOwner.selector, alice));
        token.mint(alice, 1);
    }

    function test_permit_setsAllowanceOnce() public {
        uint256 key = 0xa11ce;
        address holder = vm.addr(key);
        bytes32 typeHash = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        bytes32 structHash = keccak256(abi.encode(typeHash, holder, bob, 77, 0, block.timestamp));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(
            key, keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), structHash))
        );
        token.permit(holder, bob, 77, block.timestamp, v, r, s);
        assertEq(token.allowance(holder, bob), 77);
        assertEq(token.nonces(holder), 1);
        vm.expectPartialRevert(ERC20.InvalidSignature.selector);
        token.permit(holder, bob, 77, block.timestamp, v, r, s);
    }

    function test_transfersOfStrangers_doNotConflict() public {
        token.transfer(alice, 10);
        token.transfer(bob, 10);
        bytes memory toCarol = abi.encodeCall(token.transfer, (account("carol"), 1));
        bytes memory toDave = abi.encodeCall(token.transfer, (account("dave"), 1));
        assertTrue(!conflict(address(token), alice, bob, toCarol, toDave), "strangers");
        assertTrue(conflict(address(token), alice, bob, toCarol, toCarol), "one receiver");
    }

    function testFuzz_transfer_keepsSupply(uint256 value) public {
        vm.assume(value <= 1000);
        token.transfer(alice, value);
        assertEq(token.balanceOf(alice) + token.balanceOf(address(this)), token.totalSupply());
    }
}

contract WETHTest is Test {
    WETH private weth;
    address private alice = account("alice");

    function setUp() public {
        weth = new WETH();
        vm.deal(alice, 10 ether);
    }

    function test_depositAndWithdraw_areEqual() public {
        vm.startPrank(alice);
        weth.deposit{value: 4 ether}();
        assertEq(weth.balanceOf(alice), 4 ether);
        assertEq(weth.totalSupply(), 4 ether);
        weth.withdraw(3 ether);
        vm.stopPrank();
        assertEq(weth.balanceOf(alice), 1 ether);
        assertEq(alice.balance, 9 ether);
    }

    function test_plainEther_isWrapped() public {
        vm.prank(alice);
        (bool sent,) = address(weth).call{value: 1 ether}("");
        assertTrue(sent, "send");
        assertEq(weth.balanceOf(alice), 1 ether);
    }

    function test_withdraw_tooMuch_reverts() public {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(WETH.InsufficientBalance.selector, alice, 0, 1));
        weth.withdraw(1);
    }

    function test_withdraw_toContractThatRefuses_reverts() public {
        vm.deal(address(this), 1 ether);
        weth.deposit{value: 1 ether}();
        vm.expectRevert(
            abi.encodeWithSelector(WETH.EtherTransferFailed.selector, address(this), 1 ether)
        );
        weth.withdraw(1 ether);
    }

    function test_transferFrom_usesUpAllowance() public {
        vm.startPrank(alice);
        weth.deposit{value: 2 ether}();
        weth.approve(address(this), 1 ether);
        vm.stopPrank();
        weth.transferFrom(alice, address(this), 1 ether);
        assertEq(weth.balanceOf(address(this)), 1 ether);
        vm.expectRevert(
            abi.encodeWithSelector(WETH.InsufficientAllowance.selector, address(this), 0, 1)
        );
        weth.transferFrom(alice, address(this), 1);
    }
}

contract FeeTokenTest is Test {
    FeeToken private before;
    FeeTokenPerAccount private cured;
    address private alice = account("alice");
    address private bob = account("bob");

    function setUp() public {
        before = new FeeToken("Fee", "FEE", 1_000_000);
        cured = new FeeTokenPerAccount("Fee", "FEE", 1_000_000);
        before.transfer(alice, 100_000);
        before.transfer(bob, 100_000);
        cured.transfer(alice, 100_000);
        cured.transfer(bob, 100_000);
    }

    function test_bothKeepTheSameFee() public view {
        assertEq(before.balanceOf(alice), 99_700);
        assertEq(cured.balanceOf(alice), 99_700);
        assertEq(before.feesCollected(), 600);
        assertEq(cured.feesOf(address(this)), 600);
    }

    function test_collect_paysTheCollector() public {
        vm.prank(alice);
        cured.transfer(bob, 10_000);
        address[] memory payers = new address[](2);
        (payers[0], payers[1]) = (address(this), alice);
        assertEq(cured.collect(payers), 630);
        assertEq(cured.balanceOf(address(this)), 800_630);
        assertEq(cured.feesOf(alice), 0);
        assertEq(before.collect(), 600);
        assertEq(before.balanceOf(address(this)), 800_600);
        assertEq(before.feesCollected(), 0);
    }

    function test_collect_byOthers_reverts() public {
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(FeeToken.NotCollector.selector, alice));
        before.collect();
        vm.expectRevert(abi.encodeWithSelector(FeeTokenPerAccount.NotCollector.selector, alice));
        cured.collect(new address[](0));
        vm.stopPrank();
    }

    function test_onlyTheGlobalCounterConflicts() public {
        bytes memory first = abi.encodeCall(IERC20.transfer, (account("carol"), 1000));
        bytes memory second = abi.encodeCall(IERC20.transfer, (account("dave"), 1000));
        assertTrue(conflict(address(before), alice, bob, first, second), "before");
        assertTrue(!conflict(address(cured), alice, bob, first, second), "after");
    }
}
