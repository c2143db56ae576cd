// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Rewards by one accumulator for all shares
/// @dev The variable that conflicts: `rewardPerShare`, which every claim reads and brings up to date.
contract RewardPool {
    uint256 private constant SHARES = 1000;

    uint256 public rewardPerShare;
    mapping(address account => uint256) public claimedAt;

    function claim(uint256 arrived) external {
        rewardPerShare += arrived / SHARES + 1;
        claimedAt[msg.sender] = rewardPerShare;
    }
}
