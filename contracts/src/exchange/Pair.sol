// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20Base} from "../tokens/ERC20Base.sol";
import {IERC20} from "../tokens/IERC20.sol";

/// @title A constant-product pool of two tokens with a 0.3% fee; its own token is a share
/// @dev The variables that conflict: `_reserve0`, `_reserve1` and `_locked`, one slot that every swap
///      writes. That is the nature of one pool: swaps on one pair form a line, swaps on different
///      pairs are independent.
contract Pair is ERC20Base {
    /// @notice Shares locked for ever by the first deposit: a share never gets too dear to buy
    uint256 public constant MINIMUM_LIQUIDITY = 1000;

    address public immutable factory;
    address public immutable token0;
    address public immutable token1;

    uint112 private _reserve0;
    uint112 private _reserve1;
    bool private _locked;

    event Mint(address indexed sender, uint256 amount0, uint256 amount1);
    event Burn(address indexed sender, uint256 amount0, uint256 amount1, address indexed to);
    event Swap(
        address indexed sender,
        uint256 amount0In,
        uint256 amount1In,
        uint256 amount0Out,
        uint256 amount1Out,
        address indexed to
    );
    event Sync(uint112 reserve0, uint112 reserve1);

    error Locked();
    error ReserveOverflow(uint256 balance0, uint256 balance1);
    error InsufficientLiquidity();
    error InsufficientLiquidityMinted();
    error InsufficientInput();
    error InsufficientOutput();
    error InvalidRecipient(address to);
    error ProductDecreased(uint256 before, uint256 afterwards);
    error TokenTransferFailed(address token);

    modifier lock() {
        if (_locked) revert Locked();
        _locked = true;
        _;
        _locked = false;
    }

    constructor(address token0_, address token1_) ERC20Base("Heddle Pair Share", "HPS") {
        factory = msg.sender;
        token0 = token0_;
        token1 = token1_;
    }

    function getReserves() public view returns (uint112 reserve0, uint112 reserve1) {
        return (_reserve0, _reserve1);
    }

    /// @notice Gives shares for the tokens that were sent here before this call
    function mint(address to) external lock returns (uint256 shares) {
        (uint112 reserve0, uint112 reserve1) = getReserves();
        (uint256 balance0, uint256 balance1) = _balances();
        uint256 amount0 = balance0 - reserve0;
        uint256 amount1 = balance1 - reserve1;
        uint256 supply = totalSupply;
        if (supply == 0) {
            uint256 root = _sqrt(amount0 * amount1);
            if (root <= MINIMUM_LIQUIDITY) revert InsufficientLiquidityMinted();
            shares = root - MINIMUM_LIQUIDITY;
            _mint(address(0xdead), MINIMUM_LIQUIDITY);
        } else {
            uint256 shares0 = amount0 * supply / reserve0;
            uint256 shares1 = amount1 * supply / reserve1;
            shares = shares0 < shares1 ? shares0 : shares1;
        }
        if (shares == 0) revert InsufficientLiquidityMinted();
        _mint(to, shares);
        _update(balance0, balance1);
        emit Mint(msg.sender, amount0, amount1);
    }

    /// @notice Pays out the tokens behind the shares that were sent here before this call
    function burn(address to) external lock returns (uint256 amount0, uint256 amount1) {
        (uint256 balance0, uint256 balance1) = _balances();
        uint256 shares = balanceOf[address(this)];
        amount0 = shares * balance0 / totalSupply;
        amount1 = shares * balance1 / totalSupply;
        if (amount0 == 0 || amount1 == 0) revert InsufficientLiquidity();
        _burn(address(this), shares);
        _send(token0, to, amount0);
        _send(token1, to, amount1);
        _update(balance0 - amount0, balance1 - amount1);
        emit Burn(msg.sender, amount0, amount1, to);
    }

    /// @notice Pays out both amounts for the tokens that were sent here before this call
    function swap(uint256 amount0Out, uint256 amount1Out, address to) external lock {
        if (amount0Out == 0 && amount1Out == 0) revert InsufficientOutput();
        (uint112 reserve0, uint112 reserve1) = getReserves();
        if (amount0Out >= reserve0 || amount1Out >= reserve1) revert InsufficientLiquidity();
        if (to == token0 || to == token1) revert InvalidRecipient(to);
        if (amount0Out > 0) _send(token0, to, amount0Out);
        if (amount1Out > 0) _send(token1, to, amount1Out);

        (uint256 balance0, uint256 balance1) = _balances();
        uint256 amount0In = balance0 + amount0Out - reserve0;
        uint256 amount1In = balance1 + amount1Out - reserve1;
        if (amount0In == 0 && amount1In == 0) revert InsufficientInput();
        uint256 before = uint256(reserve0) * reserve1 * 1_000_000;
        uint256 afterwards = (balance0 * 1000 - amount0In * 3) * (balance1 * 1000 - amount1In * 3);
        if (afterwards < before) revert ProductDecreased(before, afterwards);
        _update(balance0, balance1);
        emit Swap(msg.sender, amount0In, amount1In, amount0Out, amount1Out, to);
    }

    function _balances() private view returns (uint256, uint256) {
        return (IERC20(token0).balanceOf(address(this)), IERC20(token1).balanceOf(address(this)));
    }

    function _update(uint256 balance0, uint256 balance1) private {
        if (balance0 > type(uint112).max || balance1 > type(uint112).max) {
            revert ReserveOverflow(balance0, balance1);
        }
        // The check above makes both casts exact.
        (_reserve0, _reserve1) = (uint112(balance0), uint112(balance1));
        emit Sync(_reserve0, _reserve1);
    }

    function _send(address token, address to, uint256 amount) private {
        if (!IERC20(token).transfer(to, amount)) revert TokenTransferFailed(token);
    }

    /// @dev The integer square root, rounded down, by Newton's method
    function _sqrt(uint256 value) private pure returns (uint256 root) {
        if (value < 4) return value == 0 ? 0 : 1;
        root = value;
        uint256 next = value / 2 + 1;
        while (next < root) {
            root = next;
            next = (value / next + next) / 2;
        }
    }
}
