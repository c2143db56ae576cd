// SPDX-License-Identifier: MIT
pragma solidity >=0.8.13;

/// @dev The cheat codes of forge (1.0 or newer) that are used here.
interface ParallelVm {
    function rpc(string calldata url, string calldata method, string calldata params)
        external
        returns (bytes memory);
    function startStateDiffRecording() external;
    function getStateDiffJson() external view returns (string memory);
    function parseJsonKeys(string calldata json, string calldata key)
        external
        pure
        returns (string[] memory);
    function keyExistsJson(string calldata json, string calldata key) external view returns (bool);
    function parseAddress(string calldata text) external pure returns (address);
    function parseBytes32(string calldata text) external pure returns (bytes32);
    function load(address account, bytes32 slot) external view returns (bytes32);
    function toString(address value) external pure returns (string memory);
    function toString(bytes calldata value) external pure returns (string memory);
    function toString(bytes32 value) external pure returns (string memory);
    function toString(uint256 value) external pure returns (string memory);
    function envOr(string calldata name, string calldata otherwise)
        external
        view
        returns (string memory);
}

/// @title Whether transactions run at once, asserted in a forge test
/// @notice Call `Parallel.record()` at the beginning of `setUp()`: what contracts hold from then on is handed to
///   the node, which has none of a test's contracts. A heddle node must run: at HEDDLE_RPC_URL, or on port 8545.
library Parallel {
    struct Tx {
        address from;
        address to;
        uint256 value;
        bytes data;
    }

    ParallelVm private constant VM = ParallelVm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    /// @notice Begins to note what contracts hold
    function record() internal {
        VM.startStateDiffRecording();
    }

    /// @notice Fails unless the transactions are `times` times faster on `cores` cores, with the lines that keep them back
    function assertParallel(Tx[] memory txs, uint256 times, uint256 cores) internal {
        string memory speedup =
            string.concat("\"minSpeedup\":\"", VM.toString(times), "@", VM.toString(cores), "\"");
        _assert(txs, speedup);
    }

    /// @notice The same with as many cores as transactions
    function assertParallel(Tx[] memory txs, uint256 times) internal {
        assertParallel(txs, times, txs.length);
    }

    /// @notice Fails if one of the transactions waits for another, but by what is allowed: `Pool.reserve0`, `Pool.*`
    function assertNoConflict(Tx[] memory txs, string[] memory allow) internal {
        string memory names = "";
        for (uint256 i = 0; i < allow.length; i++) {
            names = string.concat(names, i == 0 ? "\"" : ",\"", allow[i], "\"");
        }
        _assert(txs, string.concat("\"allow\":[", names, "]"));
    }

    function assertNoConflict(Tx[] memory txs) internal {
        assertNoConflict(txs, new string[](0));
    }

    function _assert(Tx[] memory txs, string memory gate) private {
        string memory subject = string.concat(
            "{\"transactions\":", _transactions(txs), ",\"stateOverrides\":", _state(txs), "}"
        );
        string memory params = string.concat("[", subject, ",{", gate, ",\"format\":\"abi\"}]");
        string memory url = VM.envOr("HEDDLE_RPC_URL", string("http://127.0.0.1:8545"));
        bytes memory answer = VM.rpc(url, "parallel_assertNoConflict", params);
        (bool pass, string memory message) = abi.decode(answer, (bool, string));
        require(pass, message);
    }

    function _transactions(Tx[] memory txs) private pure returns (string memory json) {
        json = "[";
        for (uint256 i = 0; i < txs.length; i++) {
            Tx memory each = txs[i];
            json = string.concat(
                json,
                i == 0 ? "{\"from\":\"" : ",{\"from\":\"",
                VM.toString(each.from),
                "\",\"to\":\"",
                VM.toString(each.to),
                "\",\"value\":\"",
                VM.toString(each.value),
                "\",\"data\":\"",
                VM.toString(each.data),
                "\"}"
            );
        }
        json = string.concat(json, "]");
    }

    /// @dev Codes of all accounts that changed or are called, with the slots that changed
    function _state(Tx[] memory txs) private view returns (string memory json) {
        string memory diff = VM.getStateDiffJson();
        string[] memory changed = VM.parseJsonKeys(diff, "$");
        json = "{";
        bool some = false;
        for (uint256 i = 0; i < changed.length; i++) {
            address account = VM.parseAddress(changed[i]);
            if (account.code.length == 0) continue;
            string memory key = string.concat("$.", changed[i], ".stateDiff");
            json = string.concat(
                json,
                some ? "," : "",
                _account(account, VM.keyExistsJson(diff, key) ? _slots(diff, key, account) : "{}")
            );
            some = true;
        }
        for (uint256 i = 0; i < txs.length; i++) {
            address account = txs[i].to;
            if (account.code.length == 0 || _isKnown(account, changed, txs, i)) continue;
            json = string.concat(json, some ? "," : "", _account(account, "{}"));
            some = true;
        }
        json = string.concat(json, "}");
    }

    function _account(address account, string memory slots) private view returns (string memory) {
        return string.concat(
            "\"",
            VM.toString(account),
            "\":{\"code\":\"",
            VM.toString(account.code),
            "\",\"balance\":\"",
            VM.toString(account.balance),
            "\",\"stateDiff\":",
            slots,
            "}"
        );
    }

    function _slots(string memory diff, string memory key, address account)
        private
        view
        returns (string memory json)
    {
        string[] memory slots = VM.parseJsonKeys(diff, key);
        json = "{";
        for (uint256 i = 0; i < slots.length; i++) {
            bytes32 value = VM.load(account, VM.parseBytes32(slots[i]));
            json = string.concat(
                json, i == 0 ? "\"" : ",\"", slots[i], "\":\"", VM.toString(value), "\""
            );
        }
        json = string.concat(json, "}");
    }

    function _isKnown(address account, string[] memory changed, Tx[] memory txs, uint256 before)
        private
        pure
        returns (bool)
    {
        for (uint256 i = 0; i < changed.length; i++) {
            if (VM.parseAddress(changed[i]) == account) return true;
        }
        for (uint256 i = 0; i < before; i++) {
            if (txs[i].to == account) return true;
        }
        return false;
    }
}
