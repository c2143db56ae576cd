// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "../lib/Test.sol";
import {vm} from "../lib/Vm.sol";
import {ERC1967Proxy} from "../src/proxy/ERC1967Proxy.sol";
import {NameRegistry} from "../src/proxy/NameRegistry.sol";
import {NameRegistryV2} from "../src/proxy/NameRegistryV2.sol";
import {Upgradeable} from "../src/proxy/Upgradeable.sol";

contract ProxyTest is Test {
    bytes32 private constant SLOT = bytes32(uint256(keccak256("eip1967.proxy.implementation")) - 1);

    NameRegistry private logic = new NameRegistry();
    NameRegistry private registry;
    address private alice = account("alice");

    function setUp() public {
        bytes memory first = abi.encodeCall(NameRegistry.initialize, (address(this)));
        registry = NameRegistry(address(new ERC1967Proxy(address(logic), first)));
    }

    function test_proxy_keepsStateAndImplementation() public {
        vm.prank(alice);
        registry.register("alice");
        assertEq(registry.accountOf("alice"), alice);
        assertEq(logic.accountOf("alice"), address(0));
        assertEq(vm.load(address(registry), SLOT), bytes32(uint256(uint160(address(logic)))));
    }

    function test_initialize_onlyOnce() public {
        vm.expectRevert(abi.encodeWithSelector(Upgradeable.AlreadyInitialized.selector, 1));
        registry.initialize(alice);
        vm.expectRevert(abi.encodeWithSelector(Upgradeable.AlreadyInitialized.selector, 255));
        logic.initialize(alice);
    }

    function test_errors_comeThrough() public {
        registry.register("taken");
        vm.prank(alice);
        vm.expectRevert(
            abi.encodeWithSelector(NameRegistry.NameTaken.selector, "taken", address(this))
        );
        registry.register("taken");
    }

    function test_register_replacesTheOldName() public {
        registry.register("one");
        registry.register("two");
        assertEq(registry.accountOf("one"), address(0));
        assertEq(registry.nameOf(address(this)), "two");
    }

    function test_upgrade_keepsStateAndAddsFunctions() public {
        registry.register("kept");
        NameRegistryV2 next = new NameRegistryV2();
        registry.upgradeToAndCall(
            address(next), abi.encodeCall(NameRegistryV2.initializeV2, (1 ether))
        );
        NameRegistryV2 upgraded = NameRegistryV2(address(registry));
        assertEq(upgraded.accountOf("kept"), address(this));
        assertEq(upgraded.fee(), 1 ether);
        vm.expectRevert(abi.encodeWithSelector(NameRegistryV2.FeeTooLow.selector, 0, 1 ether));
        upgraded.register("free");
        vm.deal(alice, 1 ether);
        vm.prank(alice);
        upgraded.registerFor{value: 1 ether}("paid");
        assertEq(upgraded.accountOf("paid"), alice);
        upgraded.release();
        assertEq(upgraded.accountOf("kept"), address(0));
    }

    function test_upgrade_byOthers_reverts() public {
        address next = address(new NameRegistryV2());
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(Upgradeable.NotOwner.selector, alice));
        registry.upgradeToAndCall(next, "");
    }

    function test_upgrade_toOtherThings_reverts() public {
        vm.expectRevert(abi.encodeWithSelector(Upgradeable.NotUpgradeable.selector, alice));
        registry.upgradeToAndCall(alice, "");
        vm.expectRevert(Upgradeable.NotThroughProxy.selector);
        registry.upgradeToAndCall(address(registry), "");
    }
}
