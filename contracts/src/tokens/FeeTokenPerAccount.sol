// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20Base} from "./ERC20Base.sol";

/// @title A token that keeps 0.3% of each transfer and counts it with its payer (after)
/// @dev The cure of `FeeToken`: a transfer writes `feesOf[payer]`, next to a balance that it writes
///      anyhow. The sum is made when the collector takes the fees, once in a while and by one
///      transaction.
contract FeeTokenPerAccount is ERC20Base {
    uint256 public constant FEE_BASIS_POINTS = 30;

    /// @notice The one who may take the fees
    address public immutable collector;
    /// @notice What each account paid and the collector has not taken yet
    mapping(address payer => uint256) public feesOf;

    event FeePaid(address indexed payer, uint256 fee);

    error NotCollector(address caller);

    constructor(string memory name_, string memory symbol_, uint256 supply)
        ERC20Base(name_, symbol_)
    {
        collector = msg.sender;
        _mint(msg.sender, supply);
    }

    /// @notice Pays the open fees of `payers`, known from the `FeePaid` events, to the collector
    function collect(address[] calldata payers) external returns (uint256 collected) {
        if (msg.sender != collector) revert NotCollector(msg.sender);
        for (uint256 i = 0; i < payers.length; i++) {
            collected += feesOf[payers[i]];
            feesOf[payers[i]] = 0;
        }
        _credit(collector, collected);
        emit Transfer(address(this), collector, collected);
    }

    function _transfer(address from, address to, uint256 value) internal override {
        if (to == address(0)) revert InvalidReceiver(to);
        uint256 fee = value * FEE_BASIS_POINTS / 10_000;
        _debit(from, value);
        _credit(to, value - fee);
        feesOf[from] += fee;
        emit FeePaid(from, fee);
        emit Transfer(from, to, value - fee);
    }
}
