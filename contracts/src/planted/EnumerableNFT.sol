// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DerivedIdNFT} from "../nft/DerivedIdNFT.sol";

/// @title An NFT that can be walked through, by owner and in all
/// @dev The variable that conflicts: `_allTokens.length`. The lists by owner do not.
contract EnumerableNFT is DerivedIdNFT {
    uint256[] private _allTokens;
    mapping(address owner => uint256[]) private _tokensOf;

    constructor() DerivedIdNFT("Enumerable", "ENU") {}

    function mintListed() external returns (uint256 id) {
        id = idOf(msg.sender, mintsOf[msg.sender]++);
        _mint(msg.sender, id);
        _allTokens.push(id);
        _tokensOf[msg.sender].push(id);
    }

    function tokenByIndex(uint256 index) external view returns (uint256) {
        return _allTokens[index];
    }
}
