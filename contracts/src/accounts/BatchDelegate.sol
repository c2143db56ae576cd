// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Code for an account to delegate to (EIP-7702): many calls in one transaction
/// @dev It runs in the account, so it must not count on a constructor, and keeps its one variable
///      where no other delegate would (ERC-7201).
contract BatchDelegate {
    struct Call {
        address to;
        uint256 value;
        bytes data;
    }

    /// @custom:storage-location erc7201:heddle.BatchDelegate
    struct State {
        uint256 nonce;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("heddle.BatchDelegate")) - 1)) &
    ///      ~bytes32(uint256(0xff))
    bytes32 private constant STATE_SLOT =
        0x67be0d24bdf8cf0ad19371f71bce6e4cd1e13b128acbe1f72ba00625f67be800;

    event Executed(uint256 calls);

    error NotSelf(address caller);
    error CallFailed(uint256 position, bytes reason);
    error InvalidSignature(address recovered);

    /// @dev Ether sent to the account is kept
    receive() external payable {}

    /// @notice Makes all calls or none; only the account itself may ask
    function execute(Call[] calldata calls) external payable returns (bytes[] memory results) {
        if (msg.sender != address(this)) revert NotSelf(msg.sender);
        return _execute(calls);
    }

    /// @notice Makes all calls or none for anyone who brings the account's signature over them
    /// @dev The signature is over the digest below, prefixed as `personal_sign` does
    function executeSigned(Call[] calldata calls, uint8 v, bytes32 r, bytes32 s)
        external
        payable
        returns (bytes[] memory results)
    {
        bytes32 digest =
            keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", digestOf(calls)));
        address recovered = ecrecover(digest, v, r, s);
        if (recovered != address(this)) revert InvalidSignature(recovered);
        _state().nonce += 1;
        return _execute(calls);
    }

    /// @notice What the account signs to have `calls` made by another, valid once and on this chain
    function digestOf(Call[] calldata calls) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), nonce(), calls));
    }

    /// @notice How many signed batches this account has made
    function nonce() public view returns (uint256) {
        return _state().nonce;
    }

    function _execute(Call[] calldata calls) private returns (bytes[] memory results) {
        results = new bytes[](calls.length);
        for (uint256 i = 0; i < calls.length; i++) {
            (bool success, bytes memory result) =
                calls[i].to.call{value: calls[i].value}(calls[i].data);
            if (!success) revert CallFailed(i, result);
            results[i] = result;
        }
        emit Executed(calls.length);
    }

    function _state() private pure returns (State storage state) {
        assembly ("memory-safe") {
            state.slot := STATE_SLOT
        }
    }
}
