// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20Base} from "./ERC20Base.sol";

/// @title A plain token: a first supply, minting by its owner, burning, and permits (ERC-2612)
contract ERC20 is ERC20Base {
    bytes32 private constant PERMIT_TYPEHASH = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );

    /// @notice The one who may mint
    address public immutable owner;
    mapping(address owner => uint256) public nonces;

    error NotOwner(address caller);
    error PermitExpired(uint256 deadline);
    error InvalidSignature(address recovered, address expected);

    /// @param supply what the deployer gets, in units of 10^-18
    constructor(string memory name_, string memory symbol_, uint256 supply)
        ERC20Base(name_, symbol_)
    {
        owner = msg.sender;
        _mint(msg.sender, supply);
    }

    function mint(address to, uint256 value) external {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _mint(to, value);
    }

    function burn(uint256 value) external {
        _burn(msg.sender, value);
    }

    /// @notice Sets an allowance by the holder's signature over the EIP-712 struct `Permit`
    function permit(
        address holder,
        address spender,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        if (block.timestamp > deadline) revert PermitExpired(deadline);
        bytes32 structHash = keccak256(
            abi.encode(PERMIT_TYPEHASH, holder, spender, value, nonces[holder]++, deadline)
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", DOMAIN_SEPARATOR(), structHash));
        address recovered = ecrecover(digest, v, r, s);
        if (recovered == address(0) || recovered != holder) {
            revert InvalidSignature(recovered, holder);
        }
        _approve(holder, spender, value);
    }

    function DOMAIN_SEPARATOR() public view returns (bytes32) {
        return keccak256(
            abi.encode(
                DOMAIN_TYPEHASH,
                keccak256(bytes(name)),
                keccak256("1"),
                block.chainid,
                address(this)
            )
        );
    }
}
