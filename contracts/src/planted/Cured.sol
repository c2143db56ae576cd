// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title What becomes of planted conflicts when they are cured
/// @dev One contract for each, with the functions of the sick one. A test compares what the cure was said to gain.

/// @dev `TwoInOneSlot`: each count has a slot of its own.
contract CuredTwoInOneSlot {
    uint256 public paidIn;
    uint256 public paidOut;
    mapping(address account => uint256) public balanceOf;

    function payIn(uint128 amount) external {
        balanceOf[msg.sender] += amount;
        paidIn += amount;
    }

    function payOut(uint128 amount) external {
        balanceOf[msg.sender] -= amount;
        paidOut += amount;
    }
}

/// @dev `Club`: the total is the sum of points, asked for off the chain.
contract CuredClub {
    mapping(uint256 season => mapping(address member => uint256)) private points;

    event Earned(uint256 indexed season, address indexed member, uint128 amount);

    function earn(uint256 season, uint128 amount) external {
        points[season][msg.sender] += amount;
        emit Earned(season, msg.sender, amount);
    }
}

/// @dev `Guestbook`: a page for each visitor.
contract CuredGuestbook {
    mapping(address visitor => uint256) public visits;

    function sign() external {
        visits[msg.sender] += 1;
    }
}

/// @dev `EnumerableNFT`: lists by owner alone.
contract CuredEnumerableNFT {
    mapping(address owner => uint256[]) private _tokensOf;
    mapping(uint256 id => address) public ownerOf;
    mapping(address owner => uint256) public mintsOf;

    function mintListed() external returns (uint256 id) {
        id = uint256(keccak256(abi.encode(msg.sender, mintsOf[msg.sender]++)));
        ownerOf[id] = msg.sender;
        _tokensOf[msg.sender].push(id);
    }
}

/// @dev `PriceFeed`: each reads the block's time itself.
contract CuredPriceFeed {
    mapping(address account => uint256) public seenAt;

    function look() external {
        seenAt[msg.sender] = block.timestamp;
    }
}

/// @dev `Forwarder`: a nonce for each sender.
contract CuredForwarder {
    mapping(address sender => uint256) public nonceOf;
    mapping(address sender => bytes32) public lastOf;

    function forward(uint256, bytes32 message) external {
        nonceOf[msg.sender] += 1;
        lastOf[msg.sender] = message;
    }
}

/// @dev `Auction`: bids are kept, and the best is found when it ends.
contract CuredAuction {
    mapping(address bidder => uint256) public bidOf;

    function bid(uint256 amount) external {
        bidOf[msg.sender] = amount;
    }
}

/// @dev `RewardPool`: rewards wait with each account.
contract CuredRewardPool {
    mapping(address account => uint256) public arrivedFor;

    function claim(uint256 arrived) external {
        arrivedFor[msg.sender] += arrived;
    }
}

/// @dev `Raffle`: a ticket's number comes from its player.
contract CuredRaffle {
    address public owner = msg.sender;
    mapping(address player => uint256) public ticketOf;

    function enter() external {
        ticketOf[msg.sender] += uint160(owner) % 7 + 1;
    }
}

/// @dev `Ballot`: choices are kept and counted when it ends.
contract CuredBallot {
    mapping(uint256 proposal => mapping(address voter => uint8)) public choiceOf;

    function vote(uint256 proposal, uint8 choice) external {
        choiceOf[proposal][msg.sender] = choice;
    }
}

/// @dev `Hours`: visits by visitor.
contract CuredHours {
    mapping(address visitor => uint256[24]) public visits;

    function visit(uint256 hour) external {
        visits[msg.sender][hour] += 1;
    }
}

/// @dev `TicketQueue`: places are drawn from who comes.
contract CuredTicketQueue {
    mapping(uint256 place => address) public waiting;

    function join() external {
        waiting[uint160(msg.sender)] = msg.sender;
    }
}

/// @dev `Donations`: no limit to ask for.
contract CuredDonations {
    mapping(address donor => uint256) public givenBy;

    function give() external payable {
        givenBy[msg.sender] += msg.value;
    }
}
