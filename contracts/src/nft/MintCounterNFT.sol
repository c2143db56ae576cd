// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC721} from "./ERC721.sol";

/// @title An NFT whose ids count up (before)
/// @dev The variable that conflicts: `nextId`. Every mint takes the next number, so mints form one
///      line. `DerivedIdNFT` is the cure.
contract MintCounterNFT is ERC721 {
    uint256 public nextId = 1;

    constructor(string memory name_, string memory symbol_) ERC721(name_, symbol_) {}

    /// @notice Mints the next id to the caller
    function mint() external returns (uint256 id) {
        id = nextId++;
        _mint(msg.sender, id);
    }

    function totalSupply() external view returns (uint256) {
        return nextId - 1;
    }
}
