// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "../lib/Test.sol";
import {vm} from "../lib/Vm.sol";
import {Pair} from "../src/exchange/Pair.sol";
import {PairFactory} from "../src/exchange/PairFactory.sol";
import {Router} from "../src/exchange/Router.sol";
import {ERC20} from "../src/tokens/ERC20.sol";

contract ExchangeTest is Test {
    ERC20 private a = new ERC20("A", "A", 1e30);
    ERC20 private b = new ERC20("B", "B", 1e30);
    ERC20 private c = new ERC20("C", "C", 1e30);
    PairFactory private factory = new PairFactory();
    Router private router = new Router(factory);
    address private alice = account("alice");

    function setUp() public {
        a.approve(address(router), type(uint256).max);
        b.approve(address(router), type(uint256).max);
        c.approve(address(router), type(uint256).max);
        _add(a, b, 1_000_000, 4_000_000);
        _add(b, c, 1_000_000, 1_000_000);
    }

    function test_addLiquidity_makesPairAndShares() public view {
        Pair pair = _pair(a, b);
        assertEq(factory.pairCount(), 2);
        assertEq(pair.totalSupply(), 2_000_000);
        assertEq(pair.balanceOf(address(this)), 2_000_000 - pair.MINIMUM_LIQUIDITY());
        (uint256 reserve0, uint256 reserve1) = pair.getReserves();
        assertEq(reserve0 + reserve1, 5_000_000);
    }

    function test_pairAddress_isFixedBeforehand() public view {
        (address token0, address token1) =
            address(a) < address(b) ? (address(a), address(b)) : (address(b), address(a));
        bytes32 codeHash =
            keccak256(abi.encodePacked(type(Pair).creationCode, abi.encode(token0, token1)));
        bytes32 salt = keccak256(abi.encode(token0, token1));
        bytes32 hash = keccak256(abi.encodePacked(hex"ff", address(factory), salt, codeHash));
        assertEq(address(uint160(uint256(hash))), address(_pair(a, b)));
    }

    function test_addLiquidity_keepsThePrice() public {
        (uint256 amountA, uint256 amountB,) = router.addLiquidity(
            address(a), address(b), 500, 5000, 0, 0, address(this), block.timestamp
        );
        assertEq(amountA, 500);
        assertEq(amountB, 2000);
    }

    function test_swap_paysByTheFormula() public {
        uint256 expected = router.getAmountOut(10_000, 1_000_000, 4_000_000);
        assertEq(expected, 39_486);
        uint256[] memory amounts =
            router.swapExactTokensForTokens(10_000, expected, _path(a, b), alice, block.timestamp);
        assertEq(amounts[1], expected);
        assertEq(b.balanceOf(alice), expected);
    }

    function test_swap_alongTwoPairs() public {
        address[] memory path = new address[](3);
        (path[0], path[1], path[2]) = (address(a), address(b), address(c));
        uint256[] memory amounts =
            router.swapExactTokensForTokens(10_000, 0, path, alice, block.timestamp);
        assertEq(amounts[2], router.getAmountOut(39_486, 1_000_000, 1_000_000));
        assertEq(c.balanceOf(alice), amounts[2]);
        assertEq(b.balanceOf(address(router)), 0);
    }

    function test_swap_belowMinimum_reverts() public {
        vm.expectRevert(abi.encodeWithSelector(Router.InsufficientOutput.selector, 39_486, 39_487));
        router.swapExactTokensForTokens(10_000, 39_487, _path(a, b), alice, block.timestamp);
    }

    function test_swap_tooLate_reverts() public {
        vm.warp(1000);
        vm.expectRevert(abi.encodeWithSelector(Router.Expired.selector, 999));
        router.swapExactTokensForTokens(10_000, 0, _path(a, b), alice, 999);
    }

    function test_swap_withoutPair_reverts() public {
        vm.expectRevert(abi.encodeWithSelector(Router.NoPair.selector, address(a), address(c)));
        router.swapExactTokensForTokens(10_000, 0, _path(a, c), alice, block.timestamp);
    }

    function test_pair_givesNothingForNothing() public {
        Pair pair = _pair(a, b);
        vm.expectRevert(Pair.InsufficientInput.selector);
        pair.swap(1, 0, alice);
        a.transfer(address(pair), 1000);
        bool first = address(a) < address(b);
        vm.expectPartialRevert(Pair.ProductDecreased.selector);
        pair.swap(first ? 0 : 4000, first ? 4000 : 0, alice);
    }

    function test_removeLiquidity_paysTheShare() public {
        Pair pair = _pair(a, b);
        pair.approve(address(router), type(uint256).max);
        (uint256 amountA, uint256 amountB) = router.removeLiquidity(
            address(a), address(b), 1_000_000, 500_000, 2_000_000, alice, block.timestamp
        );
        assertEq(amountA, 500_000);
        assertEq(amountB, 2_000_000);
        assertEq(a.balanceOf(alice), 500_000);
    }

    function test_createPair_twice_reverts() public {
        address pair = address(_pair(a, b));
        vm.expectRevert(abi.encodeWithSelector(PairFactory.PairExists.selector, pair));
        factory.createPair(address(b), address(a));
        vm.expectRevert(abi.encodeWithSelector(PairFactory.IdenticalTokens.selector, address(a)));
        factory.createPair(address(a), address(a));
    }

    function testFuzz_swap_neverLowersTheProduct(uint256 amount) public {
        vm.assume(amount > 0 && amount < 1e20);
        (uint256 before0, uint256 before1) = _pair(a, b).getReserves();
        if (router.getAmountOut(amount, 1_000_000, 4_000_000) == 0) return;
        router.swapExactTokensForTokens(amount, 0, _path(a, b), alice, block.timestamp);
        (uint256 after0, uint256 after1) = _pair(a, b).getReserves();
        assertTrue(after0 * after1 >= before0 * before1, "product");
    }

    function _add(ERC20 x, ERC20 y, uint256 amountX, uint256 amountY) private {
        router.addLiquidity(
            address(x), address(y), amountX, amountY, 0, 0, address(this), block.timestamp
        );
    }

    function _pair(ERC20 x, ERC20 y) private view returns (Pair) {
        return Pair(factory.pairOf(address(x), address(y)));
    }

    function _path(ERC20 x, ERC20 y) private pure returns (address[] memory path) {
        path = new address[](2);
        (path[0], path[1]) = (address(x), address(y));
    }
}
