// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "../lib/Test.sol";
import {vm} from "../lib/Vm.sol";
import {Counter} from "../src/counters/Counter.sol";
import {Diagnostics} from "../src/diagnostics/Diagnostics.sol";
import {ERC20} from "../src/tokens/ERC20.sol";
import {WETH} from "../src/tokens/WETH.sol";
import {Airdrop} from "../src/utils/Airdrop.sol";
import {Multicall} from "../src/utils/Multicall.sol";

contract AirdropTest is Test {
    Airdrop private airdrop = new Airdrop();
    ERC20 private token = new ERC20("Token", "TKN", 1000);
    address[] private receivers;
    uint256[] private amounts;

    function setUp() public {
        for (uint256 i = 1; i <= 4; i++) {
            receivers.push(address(uint160(0xd0000 + i)));
            amounts.push(i * 10);
        }
        token.approve(address(airdrop), 1000);
        vm.deal(address(this), 1000);
    }

    function test_dropTokens_reachesAll() public {
        airdrop.dropTokens(token, receivers, amounts);
        for (uint256 i = 0; i < receivers.length; i++) {
            assertEq(token.balanceOf(receivers[i]), amounts[i]);
        }
        assertEq(token.balanceOf(address(this)), 900);
    }

    function test_dropEther_reachesAll() public {
        airdrop.dropEther{value: 100}(receivers, amounts);
        assertEq(receivers[3].balance, 40);
        assertEq(address(airdrop).balance, 0);
    }

    function test_dropEther_wrongValue_reverts() public {
        vm.expectRevert(abi.encodeWithSelector(Airdrop.WrongValue.selector, 101, 100));
        airdrop.dropEther{value: 101}(receivers, amounts);
        vm.expectRevert(abi.encodeWithSelector(Airdrop.WrongValue.selector, 59, 60));
        airdrop.dropEther{value: 59}(receivers, amounts);
    }

    function test_lengths_mustMatch() public {
        amounts.pop();
        vm.expectRevert(abi.encodeWithSelector(Airdrop.LengthMismatch.selector, 4, 3));
        airdrop.dropTokens(token, receivers, amounts);
    }
}

contract MulticallTest is Test {
    Multicall private multicall = new Multicall();
    Counter private counter = new Counter();
    Diagnostics private diagnostics = new Diagnostics();
    WETH private weth = new WETH();

    function test_aggregate3_collectsResults() public {
        Multicall.Call3[] memory calls = new Multicall.Call3[](3);
        calls[0] = Multicall.Call3(address(counter), false, abi.encodeCall(counter.increment, ()));
        calls[1] = Multicall.Call3(
            address(diagnostics), true, abi.encodeCall(diagnostics.revertPlain, ())
        );
        calls[2] = Multicall.Call3(address(counter), false, abi.encodeCall(counter.count, ()));
        Multicall.Result[] memory results = multicall.aggregate3(calls);
        assertTrue(results[0].success && !results[1].success && results[2].success, "successes");
        assertEq(results[1].returnData, abi.encodeWithSelector(Diagnostics.Plain.selector));
        assertEq(abi.decode(results[2].returnData, (uint256)), 1);
    }

    function test_aggregate3_failureNotAllowed_reverts() public {
        Multicall.Call3[] memory calls = new Multicall.Call3[](1);
        calls[0] = Multicall.Call3(
            address(diagnostics), false, abi.encodeCall(diagnostics.revertPlain, ())
        );
        bytes memory reason = abi.encodeWithSelector(Diagnostics.Plain.selector);
        vm.expectRevert(abi.encodeWithSelector(Multicall.CallFailed.selector, 0, reason));
        multicall.aggregate3(calls);
    }

    function test_aggregate3Value_sendsEther() public {
        vm.deal(address(this), 3);
        Multicall.Call3Value[] memory calls = new Multicall.Call3Value[](1);
        calls[0] = Multicall.Call3Value(address(weth), false, 3, abi.encodeCall(weth.deposit, ()));
        multicall.aggregate3Value{value: 3}(calls);
        assertEq(weth.balanceOf(address(multicall)), 3);
        vm.deal(address(this), 4);
        vm.deal(address(multicall), 0);
        vm.expectRevert(abi.encodeWithSelector(Multicall.WrongValue.selector, 4, 3));
        multicall.aggregate3Value{value: 4}(calls);
    }

    function test_getters_showTheBlock() public {
        vm.roll(77);
        vm.warp(1234);
        vm.deal(address(0xbeef), 5);
        assertEq(multicall.getBlockNumber(), 77);
        assertEq(multicall.getCurrentBlockTimestamp(), 1234);
        assertEq(multicall.getChainId(), block.chainid);
        assertEq(multicall.getEthBalance(address(0xbeef)), 5);
        assertEq(multicall.getBlockHash(77), bytes32(0));
        assertEq(multicall.getBasefee(), block.basefee);
        assertEq(multicall.getCurrentBlockGasLimit(), block.gaslimit);
        assertEq(multicall.getCurrentBlockCoinbase(), block.coinbase);
    }
}
