// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Script} from "../lib/Script.sol";
import {vm} from "../lib/Vm.sol";
import {console} from "../lib/console.sol";
import {Pair} from "../src/exchange/Pair.sol";
import {PairFactory} from "../src/exchange/PairFactory.sol";
import {Router} from "../src/exchange/Router.sol";
import {ERC20} from "../src/tokens/ERC20.sol";
import {WETH} from "../src/tokens/WETH.sol";

/// @title Deploys a token, wrapped ether, a factory and a router, makes a pair and trades on it
/// @dev forge script contracts/script/Deploy.s.sol --rpc-url heddle --broadcast, with either
///      --private-key KEY, or --unlocked --sender ACCOUNT --slow (else forge sends out of order)
contract Deploy is Script {
    error NothingBought();

    function run() external returns (ERC20 token, WETH weth, Router router, Pair pair) {
        vm.startBroadcast();
        token = new ERC20("Heddle Token", "HDL", 1_000_000 ether);
        weth = new WETH();
        router = new Router(new PairFactory());
        weth.deposit{value: 20 ether}();
        token.approve(address(router), type(uint256).max);
        weth.approve(address(router), type(uint256).max);
        uint256 deadline = block.timestamp + 1 days;
        router.addLiquidity(
            address(token), address(weth), 10_000 ether, 10 ether, 0, 0, msg.sender, deadline
        );
        pair = Pair(router.factory().pairOf(address(token), address(weth)));

        address[] memory path = new address[](2);
        (path[0], path[1]) = (address(weth), address(token));
        uint256 before = token.balanceOf(msg.sender);
        router.swapExactTokensForTokens(1 ether, 0, path, msg.sender, deadline);
        vm.stopBroadcast();

        if (token.balanceOf(msg.sender) <= before) revert NothingBought();
        console.log("token", address(token));
        console.log("pair", address(pair));
        console.log("bought with 1 ether", token.balanceOf(msg.sender) - before);
    }
}
