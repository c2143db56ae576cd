// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Points by season
/// @dev The variable that conflicts: `seasons[..].total`, a member of a struct in a mapping, which
///   shares its slot with `start`. Without a constructor, so that it runs behind a proxy too.
contract Club {
    struct Season {
        mapping(address member => uint256) points;
        uint64 start;
        uint128 total;
    }

    mapping(uint256 season => Season) private seasons;

    function earn(uint256 season, uint128 amount) external {
        Season storage current = seasons[season];
        if (current.start == 0) current.start = uint64(block.timestamp);
        current.points[msg.sender] += amount;
        current.total += amount;
    }

    function pointsOf(uint256 season, address member) external view returns (uint256) {
        return seasons[season].points[member];
    }
}
