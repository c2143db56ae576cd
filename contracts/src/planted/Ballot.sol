// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Votes that are counted as they come
/// @dev The variable that conflicts: `tally[..][..]`, an entry of a mapping in a mapping.
contract Ballot {
    mapping(uint256 proposal => mapping(uint8 choice => uint256)) public tally;
    mapping(uint256 proposal => mapping(address voter => uint8)) public choiceOf;

    function vote(uint256 proposal, uint8 choice) external {
        choiceOf[proposal][msg.sender] = choice;
        tally[proposal][choice] += 1;
    }
}
