// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "../tokens/IERC20.sol";

/// @title Gives tokens or ether to many accounts in one transaction
/// @dev Airdrops of one token from one giver conflict over the giver's balance; they write no state
///      of this contract.
contract Airdrop {
    event Dropped(address indexed token, address indexed from, uint256 total, uint256 receivers);

    error LengthMismatch(uint256 receivers, uint256 amounts);
    error WrongValue(uint256 sent, uint256 total);
    error TransferFailed(address to, uint256 amount);

    /// @notice Moves `amounts[i]` of the caller's tokens to `receivers[i]`, out of the allowance
    ///   given to this contract
    function dropTokens(IERC20 token, address[] calldata receivers, uint256[] calldata amounts)
        external
    {
        if (receivers.length != amounts.length) {
            revert LengthMismatch(receivers.length, amounts.length);
        }
        uint256 total = 0;
        for (uint256 i = 0; i < receivers.length; i++) {
            total += amounts[i];
            if (!token.transferFrom(msg.sender, receivers[i], amounts[i])) {
                revert TransferFailed(receivers[i], amounts[i]);
            }
        }
        emit Dropped(address(token), msg.sender, total, receivers.length);
    }

    /// @notice Sends `amounts[i]` wei to `receivers[i]`; the value sent along must be their sum
    function dropEther(address[] calldata receivers, uint256[] calldata amounts) external payable {
        if (receivers.length != amounts.length) {
            revert LengthMismatch(receivers.length, amounts.length);
        }
        uint256 total = 0;
        for (uint256 i = 0; i < receivers.length; i++) {
            total += amounts[i];
            if (total > msg.value) revert WrongValue(msg.value, total);
            (bool sent,) = receivers[i].call{value: amounts[i]}("");
            if (!sent) revert TransferFailed(receivers[i], amounts[i]);
        }
        if (total != msg.value) revert WrongValue(msg.value, total);
        emit Dropped(address(0), msg.sender, total, receivers.length);
    }
}
