// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The cheat codes of forge that the tests and scripts here use
interface Vm {
    // what the next calls look like
    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function deal(address account, uint256 balance) external;
    function warp(uint256 timestamp) external;
    function roll(uint256 number) external;

    // what is expected of the next call
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata data) external;
    function expectPartialRevert(bytes4 selector) external;
    function expectEmit() external;

    // looking at what happened
    function load(address account, bytes32 slot) external view returns (bytes32);
    function record() external;
    function accesses(address account)
        external
        returns (bytes32[] memory reads, bytes32[] memory writes);
    function assume(bool condition) external pure;

    // keys, signatures and delegations
    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function etch(address account, bytes calldata code) external;

    // scripts
    function startBroadcast() external;
    function stopBroadcast() external;
}

/// @dev The address that forge answers at: the last 20 bytes of keccak256("hevm cheat code")
Vm constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
