// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20Base} from "./ERC20Base.sol";

/// @title A token that keeps 0.3% of each transfer and counts it in one place (before)
/// @dev The variable that conflicts: `feesCollected`. Every transfer reads and writes it, so no two
///      transfers are independent, whoever they are between. `FeeTokenPerAccount` is the cure.
contract FeeToken is ERC20Base {
    uint256 public constant FEE_BASIS_POINTS = 30;

    /// @notice The one who may take the fees
    address public immutable collector;
    /// @notice What all transfers paid and the collector has not taken yet
    uint256 public feesCollected;

    event FeePaid(address indexed payer, uint256 fee);

    error NotCollector(address caller);

    constructor(string memory name_, string memory symbol_, uint256 supply)
        ERC20Base(name_, symbol_)
    {
        collector = msg.sender;
        _mint(msg.sender, supply);
    }

    /// @notice Pays all open fees to the collector
    function collect() external returns (uint256 collected) {
        if (msg.sender != collector) revert NotCollector(msg.sender);
        collected = feesCollected;
        feesCollected = 0;
        _credit(collector, collected);
        emit Transfer(address(this), collector, collected);
    }

    function _transfer(address from, address to, uint256 value) internal override {
        if (to == address(0)) revert InvalidReceiver(to);
        uint256 fee = value * FEE_BASIS_POINTS / 10_000;
        _debit(from, value);
        _credit(to, value - fee);
        feesCollected += fee;
        emit FeePaid(from, fee);
        emit Transfer(from, to, value - fee);
    }
}
