// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title What both namespaced contracts use
abstract contract NamespacedBase {
    /// @custom:storage-location erc7201:heddle.base
    struct BaseStorage {
        bool paused;
        uint64 since;
        mapping(address account => uint256) credits;
    }

    // keccak256(abi.encode(uint256(keccak256("heddle.base")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant BASE =
        0xfdc315919b22c3e07d6e2bfcf2f039d0d4da88ebe1030d23ea12b94bb2419d00;

    function _base() internal pure returns (BaseStorage storage store) {
        bytes32 slot = BASE;
        assembly {
            store.slot := slot
        }
    }
}

/// @title Variables in namespaces of their own (ERC-7201)
/// @dev The variable that conflicts: `total` of `heddle.main`.
contract Namespaced is NamespacedBase {
    enum Level {
        Low,
        High
    }

    type Price is uint96;

    struct Entry {
        Level level;
        Price price;
        uint256[] marks;
    }

    /// @custom:storage-location erc7201:heddle.main
    struct MainStorage {
        uint128 total;
        uint64[3] recent;
        Entry entry;
        string title;
    }

    bytes32 private constant MAIN =
        0xdf41fa5fb5ed50073a644386e70c4000a76e835f14b63c2d321774fd515f4d00;

    function add(uint128 amount) external {
        _main().total += amount;
        _base().credits[msg.sender] += amount;
    }

    function fill() external {
        MainStorage storage main = _main();
        main.recent[2] = 5;
        main.entry.level = Level.High;
        main.entry.price = Price.wrap(9);
        main.entry.marks.push(1);
        main.title = "a title";
        _base().since = 3;
    }

    function _main() private pure returns (MainStorage storage store) {
        bytes32 slot = MAIN;
        assembly {
            store.slot := slot
        }
    }
}
