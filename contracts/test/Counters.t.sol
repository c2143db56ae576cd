// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "../lib/Test.sol";
import {vm} from "../lib/Vm.sol";
import {Counter} from "../src/counters/Counter.sol";
import {ShardedCounter} from "../src/counters/ShardedCounter.sol";
import {UserCounter} from "../src/counters/UserCounter.sol";

contract CountersTest is Test {
    Counter private plain = new Counter();
    ShardedCounter private sharded = new ShardedCounter();
    UserCounter private perUser = new UserCounter();
    address private alice = account("alice");
    address private bob = account("bob");

    function test_plain_countsAndSets() public {
        plain.increment();
        plain.increment();
        assertEq(plain.count(), 2);
        plain.set(10);
        assertEq(plain.count(), 10);
    }

    function test_sharded_sumsUp() public {
        for (uint256 i = 0; i < 40; i++) {
            vm.prank(address(uint160(i + 1)));
            sharded.increment();
        }
        assertEq(sharded.count(), 40);
    }

    function test_perUser_countsApart() public {
        vm.startPrank(alice);
        perUser.increment();
        perUser.increment();
        vm.stopPrank();
        perUser.increment();
        assertEq(perUser.counts(alice), 2);
        assertEq(perUser.counts(address(this)), 1);
        assertEq(perUser.counts(bob), 0);
    }

    function test_onlyThePlainCounterConflicts() public {
        bytes memory increment = abi.encodeCall(plain.increment, ());
        assertTrue(sharded.shardOf(alice) != sharded.shardOf(bob), "two shards");
        assertTrue(conflict(address(plain), alice, bob, increment, increment), "plain");
        assertTrue(!conflict(address(sharded), alice, bob, increment, increment), "sharded");
        assertTrue(!conflict(address(perUser), alice, bob, increment, increment), "per user");
    }
}
