// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC721} from "./ERC721.sol";

/// @title An NFT whose ids come from the minter and the minter's own count (after)
/// @dev The cure of `MintCounterNFT`: a mint writes only what belongs to its minter. The price: ids
///      are not dense, and the supply is known from the events alone.
contract DerivedIdNFT is ERC721 {
    mapping(address minter => uint96) public mintsOf;

    constructor(string memory name_, string memory symbol_) ERC721(name_, symbol_) {}

    /// @notice Mints the caller's next id to the caller
    function mint() external returns (uint256 id) {
        id = idOf(msg.sender, mintsOf[msg.sender]++);
        _mint(msg.sender, id);
    }

    /// @notice The id of an account's `count`th mint: the address, then 96 bits of the count
    function idOf(address minter, uint96 count) public pure returns (uint256) {
        return (uint256(uint160(minter)) << 96) | count;
    }
}
