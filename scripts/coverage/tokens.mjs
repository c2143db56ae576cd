import { compile } from './compile.mjs'

/** The newest compiler, as the checkout itself has it. */
const NEWEST = '../../../node_modules/solc'
const settings = { optimizer: { enabled: true, runs: 200 }, evmVersion: 'osaka' }

const OPENZEPPELIN = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC4626, IERC20} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ERC721Enumerable, ERC721} from "@openzeppelin/contracts/token/ERC721/extensions/ERC721Enumerable.sol";
import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {AccessControlEnumerable} from "@openzeppelin/contracts/access/extensions/AccessControlEnumerable.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

contract Votes is ERC20Votes {
    constructor() ERC20("Votes", "V") EIP712("Votes", "1") {}
    function mint(address to, uint256 value) external { _mint(to, value); }
}
contract Vault is ERC4626 {
    constructor(IERC20 asset) ERC4626(asset) ERC20("Vault", "VLT") {}
}
contract Listed is ERC721Enumerable {
    uint256 private _next;
    constructor() ERC721("Listed", "L") {}
    function mint() external { _mint(msg.sender, ++_next); }
}
contract Many is ERC1155 {
    constructor() ERC1155("uri") {}
    function mint(uint256 id) external { _mint(msg.sender, id, 5, ""); }
}
contract Roles is AccessControlEnumerable {
    constructor() { _grantRole(DEFAULT_ADMIN_ROLE, msg.sender); }
    function take(bytes32 role) external { _grantRole(role, msg.sender); }
}
contract Till is ReentrancyGuard, Pausable {
    mapping(address => uint256) public paid;
    uint256 public total;
    function pay(uint256 value) external nonReentrant whenNotPaused { paid[msg.sender] += value; total += value; }
}
contract Proxy is ERC1967Proxy {
    constructor(address implementation) ERC1967Proxy(implementation, "") {}
    function _unsafeAllowUninitialized() internal pure override returns (bool) { return true; }
}
`

const SOLADY = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;
import {ERC20} from "solady/src/tokens/ERC20.sol";
import {ERC721} from "solady/src/tokens/ERC721.sol";
import {ERC1155} from "solady/src/tokens/ERC1155.sol";
import {OwnableRoles} from "solady/src/auth/OwnableRoles.sol";

contract Coin is ERC20 {
    function name() public pure override returns (string memory) { return "Coin"; }
    function symbol() public pure override returns (string memory) { return "C"; }
    function mint(address to, uint256 value) external { _mint(to, value); }
}
contract Art is ERC721 {
    uint256 private _next;
    function name() public pure override returns (string memory) { return "Art"; }
    function symbol() public pure override returns (string memory) { return "A"; }
    function tokenURI(uint256) public pure override returns (string memory) { return ""; }
    function mint() external { _mint(msg.sender, ++_next); }
}
contract Items is ERC1155 {
    function uri(uint256) public pure override returns (string memory) { return ""; }
    function mint(uint256 id) external { _mint(msg.sender, id, 5, ""); }
}
contract Crew is OwnableRoles {
    constructor() { _initializeOwner(msg.sender); }
    function join(uint256 role) external { _grantRoles(msg.sender, role); }
}
`

const ROLE = `0x${'12'.repeat(32)}`
const users = [1, 2, 3, 4, 5, 6]

export const openzeppelin = {
  name: 'OpenZeppelin',
  packages: ['@openzeppelin/contracts'],
  compile: () =>
    compile({
      name: 'openzeppelin',
      compiler: NEWEST,
      texts: { 'src/OpenZeppelin.sol': OPENZEPPELIN },
      settings,
    }),
  async use(chain) {
    const { accounts } = chain
    const votes = await chain.deploy('Votes')
    const vault = await chain.deploy('Vault', [votes])
    const listed = await chain.deploy('Listed')
    const many = await chain.deploy('Many')
    const roles = await chain.deploy('Roles')
    const till = await chain.deploy('Proxy', [await chain.deploy('Till')])
    for (const user of users) {
      const next = accounts[user + 1]
      await chain.call(user, votes, 'Votes', 'mint', accounts[user], 1000n)
      await chain.call(user, votes, 'Votes', 'delegate', accounts[user])
      await chain.call(user, votes, 'Votes', 'transfer', next, 10n)
      await chain.call(user, votes, 'Votes', 'approve', vault, 500n)
      await chain.call(user, vault, 'Vault', 'deposit', 100n, accounts[user])
      await chain.call(user, vault, 'Vault', 'redeem', 40n, accounts[user], accounts[user])
      await chain.call(user, listed, 'Listed', 'mint')
      await chain.call(user, listed, 'Listed', 'approve', accounts[9], BigInt(user))
      await chain.call(user, listed, 'Listed', 'transferFrom', accounts[user], next, BigInt(user))
      await chain.call(user, many, 'Many', 'mint', BigInt(user))
      await chain.call(user, many, 'Many', 'setApprovalForAll', accounts[9], true)
      await chain.call(user, roles, 'Roles', 'take', ROLE)
      await chain.call(user, till, 'Till', 'pay', 7n)
    }
    await chain.call(0, roles, 'Roles', 'revokeRole', ROLE, accounts[2])
  },
}

export const solady = {
  name: 'Solady',
  packages: ['solady'],
  compile: () =>
    compile({
      name: 'solady',
      compiler: NEWEST,
      texts: { 'src/Solady.sol': SOLADY },
      settings,
    }),
  async use(chain) {
    const { accounts } = chain
    const coin = await chain.deploy('Coin')
    const art = await chain.deploy('Art')
    const items = await chain.deploy('Items')
    const crew = await chain.deploy('Crew')
    for (const user of users) {
      const next = accounts[user + 1]
      await chain.call(user, coin, 'Coin', 'mint', accounts[user], 1000n)
      await chain.call(user, coin, 'Coin', 'approve', accounts[9], 50n)
      await chain.call(user, coin, 'Coin', 'transfer', next, 10n)
      await chain.call(9, coin, 'Coin', 'transferFrom', accounts[user], next, 5n)
      await chain.call(user, art, 'Art', 'mint')
      await chain.call(user, art, 'Art', 'approve', accounts[9], BigInt(user))
      await chain.call(user, art, 'Art', 'transferFrom', accounts[user], next, BigInt(user))
      await chain.call(user, items, 'Items', 'mint', BigInt(user))
      await chain.call(user, items, 'Items', 'setApprovalForAll', accounts[9], true)
      await chain.call(user, crew, 'Crew', 'join', 2n)
    }
    await chain.call(0, crew, 'Crew', 'revokeRoles', accounts[3], 2n)
  },
}
