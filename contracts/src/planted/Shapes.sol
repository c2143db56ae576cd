// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Every shape that a variable can have in storage, to be found again by its slot
contract Shapes {
    struct Point {
        uint128 x;
        uint64 y;
        address by;
        uint16[3] tags;
        string label;
    }

    bool internal flag;
    uint24 internal small;
    address internal boss;
    Point internal origin;
    uint256[4] internal fixedWords;
    uint64[6] internal packedWords;
    Point[] internal points;
    uint32[] internal packedList;
    mapping(address owner => mapping(uint256 id => Point)) internal pointOf;
    mapping(string name => uint256[]) internal listOf;
    mapping(bytes4 tag => bool) internal known;
    mapping(int8 level => Point[2]) internal pairs;
    mapping(address owner => uint256) internal atNobody;
    bytes internal blob;

    function simple() external {
        flag = true;
        small = 7;
        boss = msg.sender;
    }

    function structs(address owner) external {
        origin.tags[1] = 5;
        origin.label = "here";
        pointOf[owner][42].by = owner;
        pairs[-3][1].y = 9;
        points.push();
        points.push();
        points[1].tags[2] = 8;
    }

    function arrays(uint256 index) external {
        fixedWords[index] = 1;
        packedWords[5] = 2;
        for (uint256 i = 0; i < 10; i++) {
            packedList.push(uint32(i + 1));
        }
        listOf["a name"].push(1);
        listOf["a name"].push(2);
    }

    function keys() external {
        known[this.keys.selector] = true;
        atNobody[address(0)] = 1;
        blob = "longer than the thirty-one bytes that fit into the slot itself";
    }
}
