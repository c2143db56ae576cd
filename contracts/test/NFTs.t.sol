// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "../lib/Test.sol";
import {vm} from "../lib/Vm.sol";
import {DerivedIdNFT} from "../src/nft/DerivedIdNFT.sol";
import {ERC721, IERC721Receiver} from "../src/nft/ERC721.sol";
import {MintCounterNFT} from "../src/nft/MintCounterNFT.sol";

contract NFTsTest is Test, IERC721Receiver {
    MintCounterNFT private before = new MintCounterNFT("Counted", "CNT");
    DerivedIdNFT private cured = new DerivedIdNFT("Derived", "DRV");
    address private alice = account("alice");
    address private bob = account("bob");

    function onERC721Received(address, address, uint256, bytes calldata data)
        external
        pure
        returns (bytes4)
    {
        return data.length == 0 ? IERC721Receiver.onERC721Received.selector : bytes4(0);
    }

    function test_mintCounter_countsUp() public {
        assertEq(before.mint(), 1);
        vm.prank(alice);
        assertEq(before.mint(), 2);
        assertEq(before.totalSupply(), 2);
        assertEq(before.ownerOf(2), alice);
        assertEq(before.balanceOf(alice), 1);
    }

    function test_derivedId_namesItsMinter() public {
        vm.startPrank(alice);
        uint256 first = cured.mint();
        uint256 second = cured.mint();
        vm.stopPrank();
        assertEq(first >> 96, uint160(alice));
        assertEq(second, first + 1);
        assertEq(cured.ownerOf(second), alice);
        assertEq(cured.balanceOf(alice), 2);
    }

    function test_transfer_needsRight() public {
        vm.prank(alice);
        uint256 id = before.mint();
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(ERC721.NotAuthorised.selector, bob, id));
        before.transferFrom(alice, bob, id);
        vm.prank(alice);
        before.approve(bob, id);
        vm.prank(bob);
        before.transferFrom(alice, bob, id);
        assertEq(before.ownerOf(id), bob);
        assertEq(before.getApproved(id), address(0));
    }

    function test_operator_movesAll() public {
        vm.startPrank(alice);
        uint256 id = cured.mint();
        cured.setApprovalForAll(bob, true);
        vm.stopPrank();
        vm.prank(bob);
        cured.transferFrom(alice, bob, id);
        assertEq(cured.ownerOf(id), bob);
    }

    function test_safeTransfer_asksContracts() public {
        vm.startPrank(alice);
        uint256 id = before.mint();
        before.safeTransferFrom(alice, address(this), id);
        uint256 next = before.mint();
        vm.expectRevert(abi.encodeWithSelector(ERC721.InvalidReceiver.selector, address(this)));
        before.safeTransferFrom(alice, address(this), next, "refused");
        vm.stopPrank();
        assertEq(before.ownerOf(id), address(this));
        assertEq(before.ownerOf(next), alice);
    }

    function test_ownerOf_unminted_reverts() public {
        vm.expectRevert(abi.encodeWithSelector(ERC721.NotMinted.selector, 9));
        before.ownerOf(9);
    }

    function test_supportsInterface() public view {
        assertTrue(
            before.supportsInterface(0x01ffc9a7) && before.supportsInterface(0x80ac58cd),
            "supported"
        );
        assertTrue(!before.supportsInterface(0xffffffff), "not supported");
    }

    function test_onlyTheMintCounterConflicts() public {
        bytes memory mint = abi.encodeCall(before.mint, ());
        assertTrue(conflict(address(before), alice, bob, mint, mint), "before");
        assertTrue(!conflict(address(cured), alice, bob, mint, mint), "after");
    }
}
