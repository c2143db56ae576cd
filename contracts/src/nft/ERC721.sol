// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What a contract answers to accept a token (ERC-721)
interface IERC721Receiver {
    function onERC721Received(address operator, address from, uint256 id, bytes calldata data)
        external
        returns (bytes4);
}

/// @title What the NFTs here share: owners, approvals and safe transfers (ERC-721)
abstract contract ERC721 {
    string public name;
    string public symbol;

    mapping(uint256 id => address) internal _owners;
    mapping(address owner => uint256) public balanceOf;
    mapping(uint256 id => address) public getApproved;
    mapping(address owner => mapping(address operator => bool)) public isApprovedForAll;

    event Transfer(address indexed from, address indexed to, uint256 indexed id);
    event Approval(address indexed owner, address indexed approved, uint256 indexed id);
    event ApprovalForAll(address indexed owner, address indexed operator, bool approved);

    error NotMinted(uint256 id);
    error AlreadyMinted(uint256 id);
    error NotAuthorised(address caller, uint256 id);
    error WrongOwner(address from, address owner, uint256 id);
    error InvalidReceiver(address receiver);

    constructor(string memory name_, string memory symbol_) {
        name = name_;
        symbol = symbol_;
    }

    function ownerOf(uint256 id) public view returns (address owner) {
        owner = _owners[id];
        if (owner == address(0)) revert NotMinted(id);
    }

    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == 0x01ffc9a7 || interfaceId == 0x80ac58cd;
    }

    function approve(address to, uint256 id) external {
        address owner = ownerOf(id);
        if (msg.sender != owner && !isApprovedForAll[owner][msg.sender]) {
            revert NotAuthorised(msg.sender, id);
        }
        getApproved[id] = to;
        emit Approval(owner, to, id);
    }

    function setApprovalForAll(address operator, bool approved) external {
        isApprovedForAll[msg.sender][operator] = approved;
        emit ApprovalForAll(msg.sender, operator, approved);
    }

    function transferFrom(address from, address to, uint256 id) public {
        address owner = ownerOf(id);
        if (owner != from) revert WrongOwner(from, owner, id);
        if (to == address(0)) revert InvalidReceiver(to);
        if (
            msg.sender != owner && msg.sender != getApproved[id]
                && !isApprovedForAll[owner][msg.sender]
        ) {
            revert NotAuthorised(msg.sender, id);
        }
        delete getApproved[id];
        balanceOf[from] -= 1;
        balanceOf[to] += 1;
        _owners[id] = to;
        emit Transfer(from, to, id);
    }

    function safeTransferFrom(address from, address to, uint256 id) external {
        safeTransferFrom(from, to, id, "");
    }

    function safeTransferFrom(address from, address to, uint256 id, bytes memory data) public {
        transferFrom(from, to, id);
        if (to.code.length == 0) return;
        bytes4 answer = IERC721Receiver(to).onERC721Received(msg.sender, from, id, data);
        if (answer != IERC721Receiver.onERC721Received.selector) revert InvalidReceiver(to);
    }

    function _mint(address to, uint256 id) internal {
        if (to == address(0)) revert InvalidReceiver(to);
        if (_owners[id] != address(0)) revert AlreadyMinted(id);
        _owners[id] = to;
        balanceOf[to] += 1;
        emit Transfer(address(0), to, id);
    }
}
