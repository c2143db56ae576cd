// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Loops that the bench calls through eth_call
/// @dev Each gives what it worked out and the gas that the loop took, so that two nodes can be
///      compared to the last unit of both.
contract Loops {
    uint256 private constant SORTED = 500;

    uint256 private constant WAD = 1e18;

    /// @dev Fractions of 1e18, as tokens and pools keep them
    struct Snail {
        uint256 position;
        uint256 speed;
        uint256 energy;
    }

    mapping(uint256 slot => uint256) private _slots;

    /// @notice `times` hashes of 64 bytes, each over the one before
    function keccak(uint256 times) external view returns (uint256 answer, uint256 gasUsed) {
        uint256 start = gasleft();
        for (uint256 i = 0; i < times; i++) {
            assembly {
                mstore(0, answer)
                mstore(32, i)
                answer := keccak256(0, 64)
            }
        }
        gasUsed = start - gasleft();
    }

    /// @notice Multiplication, addition, division and remainder over numbers of all 256 bits
    function arithmetic(uint256 times) external view returns (uint256 answer, uint256 gasUsed) {
        uint256 start = gasleft();
        uint256 a = uint256(keccak256("a"));
        uint256 b = uint256(keccak256("b"));
        unchecked {
            for (uint256 i = 0; i < times; i++) {
                a = a * b + i;
                b = b + a / (b >> 128 | 1);
                b = b ^ addmod(a, b, (a >> 64) | 1);
                a = a + mulmod(a, b, b | 1) + a % (b >> 32 | 1);
            }
        }
        answer = a ^ b;
        gasUsed = start - gasleft();
    }

    /// @notice Sorts 500 numbers, `times` times over
    function quicksort(uint256 times) external view returns (uint256 answer, uint256 gasUsed) {
        uint256 start = gasleft();
        uint256[] memory values = new uint256[](SORTED);
        uint256 random = 1;
        for (uint256 i = 0; i < times; i++) {
            for (uint256 k = 0; k < SORTED; k++) {
                unchecked {
                    random = random * 6364136223846793005 + 1442695040888963407;
                }
                values[k] = random >> 64;
            }
            _sort(values, 0, int256(SORTED) - 1);
            for (uint256 k = 1; k < SORTED; k++) {
                require(values[k - 1] <= values[k], "not sorted");
            }
            answer ^= values[i % SORTED];
        }
        gasUsed = start - gasleft();
    }

    /// @notice Additions, multiplications and remainders of small numbers, each checked for overflow
    function checkedLoop(uint256 times) external view returns (uint256 answer, uint256 gasUsed) {
        uint256 start = gasleft();
        uint256 sum = 1;
        for (uint256 i = 1; i <= times; i++) {
            sum = sum + i * 3;
            if (sum % 7 == 0) sum -= i;
            if (sum > 1e12) sum = sum / 1000;
        }
        answer = sum;
        gasUsed = start - gasleft();
    }

    /// @notice Fixed-point arithmetic on a struct in memory, checked
    function fixedPoint(uint256 times) external view returns (uint256 answer, uint256 gasUsed) {
        uint256 start = gasleft();
        Snail memory snail = Snail({position: WAD, speed: WAD / 100, energy: 5 * WAD});
        for (uint256 i = 0; i < times; i++) {
            _creep(snail);
        }
        answer = snail.position + snail.energy;
        gasUsed = start - gasleft();
    }

    /// @notice `times` loads and stores of sixteen slots, all warm after the first sixteen
    function warmStorage(uint256 times) external returns (uint256 answer, uint256 gasUsed) {
        uint256 start = gasleft();
        for (uint256 i = 0; i < times; i++) {
            unchecked {
                _slots[i & 15] = _slots[i & 15] + i + 1;
            }
        }
        for (uint256 i = 0; i < 16; i++) {
            answer ^= _slots[i];
        }
        gasUsed = start - gasleft();
    }

    function _creep(Snail memory snail) private pure {
        snail.position += _times(snail.speed, snail.energy);
        snail.energy -= _times(snail.energy, WAD / 1000);
        snail.speed = _times(snail.speed, WAD + WAD / 500);
        if (snail.energy < WAD) snail.energy = 5 * WAD - _times(snail.energy, WAD / 2);
        if (snail.speed > WAD) snail.speed = WAD / 100;
    }

    /// @dev a * b, in fractions of 1e18
    function _times(uint256 a, uint256 b) private pure returns (uint256) {
        return (a * b) / WAD;
    }

    function _sort(uint256[] memory values, int256 low, int256 high) private pure {
        int256 i = low;
        int256 j = high;
        uint256 pivot = values[uint256(low + (high - low) / 2)];
        while (i <= j) {
            while (values[uint256(i)] < pivot) i++;
            while (pivot < values[uint256(j)]) j--;
            if (i <= j) {
                (values[uint256(i)], values[uint256(j)]) = (values[uint256(j)], values[uint256(i)]);
                i++;
                j--;
            }
        }
        if (low < j) _sort(values, low, j);
        if (i < high) _sort(values, i, high);
    }
}
