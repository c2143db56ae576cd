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

    bool public flag;
    uint24 public small;
    address public boss;
    Point public origin;
    uint256[4] public fixedWords;
    uint64[6] public packedWords;
    Point[] public points;
    uint32[] public packedList;
    mapping(address owner => mapping(uint256 id => Point)) public pointOf;
    mapping(string name => uint256[]) public listOf;
    mapping(bytes4 tag => bool) public known;
    mapping(int8 level => Point[2]) public pairs;
    mapping(address owner => uint256) public atNobody;
    bytes public blob;

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
