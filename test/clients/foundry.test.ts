import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkout, temporaryFolder } from '../support/checkout.ts'
import { KEYS, type SpawnedNode, spawnNode } from '../support/node.ts'
import { ensurePeers, peerBinary } from '../support/peers.ts'

const run = promisify(execFile)
const folder = temporaryFolder('foundry')
const project = join(folder.path, 'project')

// forge's own folders, so that others keep theirs; a dead proxy, so that the net cannot be used.
const env = {
  ...process.env,
  FOUNDRY_DISABLE_NIGHTLY_WARNING: '1',
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  NO_PROXY: '127.0.0.1',
}
const inCheckout = {
  ...env,
  FOUNDRY_OUT: join(folder.path, 'out'),
  FOUNDRY_CACHE_PATH: join(folder.path, 'cache'),
  FOUNDRY_BROADCAST: join(folder.path, 'broadcast'),
}

const FIRST = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
const SECOND = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const RECEIVER = '0x00000000000000000000000000000000000bEeF7'

let node: SpawnedNode

/** What a program printed. @throws with what it printed when it fails. */
async function output(
  peer: 'forge' | 'cast',
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<string> {
  const limits = { timeout: 180_000, maxBuffer: 1 << 26 }
  const { stdout } = await run(peerBinary(peer), [...args], { ...options, ...limits })
  return stdout.trim()
}

/** The same, in a new project of forge outside of the checkout, with the node's address. */
async function tool(
  peer: 'forge' | 'cast',
  command: string,
  ...args: readonly string[]
): Promise<string> {
  return output(peer, [command, '--rpc-url', node.url, ...args], { cwd: project, env })
}

async function json<T>(
  peer: 'forge' | 'cast',
  command: string,
  ...args: readonly string[]
): Promise<T> {
  return JSON.parse(await tool(peer, command, '--json', ...args)) as T
}

const token = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;
contract Token {
    error Short(uint256 has, uint256 needs);
    event Transfer(address indexed from, address indexed to, uint256 value);
    mapping(address => uint256) public balanceOf;
    uint256 public totalSupply;
    constructor(uint256 supply) { totalSupply = balanceOf[msg.sender] = supply; }
    function transfer(address to, uint256 value) external {
        uint256 has = balanceOf[msg.sender];
        if (has < value) revert Short(has, value);
        balanceOf[msg.sender] = has - value;
        balanceOf[to] += value;
        emit Transfer(msg.sender, to, value);
    }
}
`

const forkTest = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;
import {Token} from "../src/Token.sol";
interface Vm {
    function envAddress(string calldata name) external view returns (address);
    function prank(address sender) external;
    function deal(address account, uint256 balance) external;
    function rollFork(uint256 number) external;
}
contract ForkTest {
    Vm private constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
    Token private token = Token(vm.envAddress("TOKEN"));
    address private holder = vm.envAddress("HOLDER");
    function test_seesTheChain() external {
        require(block.chainid == 31337 && block.number > 0, "not our chain");
        require(token.totalSupply() == 1000, "supply");
        require(token.balanceOf(holder) == 993, "balance");
        require(holder.balance > 9000 ether && holder.balance < 10000 ether, "ether");
        vm.prank(holder);
        token.transfer(address(this), 3);
        require(token.balanceOf(address(this)) == 3, "moved");
    }
    function test_seesAnOlderBlock() external {
        vm.rollFork(block.number - 1);
        require(token.balanceOf(holder) == 1000, "not yet sent");
    }
}
`

beforeAll(async () => {
  await ensurePeers()
  for (const name of ['src', 'test']) mkdirSync(join(project, name), { recursive: true })
  const config = `[profile.default]\nsolc = "${join(checkout, 'scripts', 'solc')}"\noffline = true\n`
  writeFileSync(join(project, 'foundry.toml'), `${config}evm_version = "osaka"\n`)
  writeFileSync(join(project, 'src', 'Token.sol'), token)
  writeFileSync(join(project, 'test', 'Fork.t.sol'), forkTest)
  node = await spawnNode({ flags: ['--slots-in-an-epoch', '1'] })
}, 600_000)

afterAll(async () => {
  await node?.[Symbol.asyncDispose]()
  folder.remove()
})

type Broadcast = {
  readonly receipts: readonly { readonly status: string; readonly blockNumber: string }[]
  readonly transactions: readonly { readonly transaction: { readonly nonce: string } }[]
}

describe('forge script --broadcast', () => {
  const script = ['script', 'contracts/script/Deploy.s.sol', '--broadcast']
  const inputs = { cwd: checkout, env: inCheckout }

  it.each([
    ['with a key', ['--private-key', KEYS[0]], FIRST],
    ['by an unlocked account, one after another', ['--unlocked', '--slow'], SECOND],
    ['by an unlocked account, out of order', ['--unlocked'], SECOND],
  ])('%s', async (_name, who, sender) => {
    const nonce = async (): Promise<number> => Number(await tool('cast', 'nonce', sender))
    const before = await nonce()
    const address = who[0] === '--unlocked' ? ['--sender', sender] : []
    const args = [...script, ...who, ...address, '--rpc-url', node.url]
    const printed = await output('forge', args, inputs)
    expect(printed).toContain('ONCHAIN EXECUTION COMPLETE & SUCCESSFUL')
    const path = join(folder.path, 'broadcast', 'Deploy.s.sol', '31337', 'run-latest.json')
    const { receipts, transactions } = JSON.parse(readFileSync(path, 'utf8')) as Broadcast
    expect(receipts.map(({ status }) => status)).toEqual(Array(9).fill('0x1'))
    expect(transactions.map((one) => Number(one.transaction.nonce) - before)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8,
    ])
    expect(await nonce()).toBe(before + 9)
    expect(await json('cast', 'rpc', 'txpool_status')).toEqual({ pending: '0x0', queued: '0x0' })
  })
})

describe('forge and cast', () => {
  let address: string

  beforeAll(async () => {
    const key = ['--private-key', KEYS[2]]
    const created = await json<{ deployedTo: string }>(
      'forge',
      'create',
      'src/Token.sol:Token',
      '--broadcast',
      ...key,
      '--constructor-args',
      '1000',
    )
    address = created.deployedTo
  })

  type Receipt = {
    readonly status: string
    readonly transactionHash: string
    readonly blockNumber: string
    readonly gasUsed: string
    readonly logs: readonly unknown[]
  }
  let sent: Receipt

  it('cast send and receipt, with a key', async () => {
    const key = ['--private-key', KEYS[2]]
    const call = ['transfer(address,uint256)', RECEIVER, '7']
    sent = await json<Receipt>('cast', 'send', address, ...call, ...key)
    expect(sent).toMatchObject({ status: '0x1', logs: [{}] })
    expect(await json('cast', 'receipt', sent.transactionHash)).toMatchObject(sent)
    expect(await tool('cast', 'receipt', sent.transactionHash, 'status')).toBe('true')
  })

  it('cast send, by an unlocked account, and balance', async () => {
    const ether = ['--value', '1.5ether', '--unlocked', '--from', SECOND]
    expect(await json('cast', 'send', RECEIVER, ...ether)).toMatchObject({ status: '0x1' })
    expect(await tool('cast', 'balance', RECEIVER)).toBe('1500000000000000000')
    expect(await tool('cast', 'balance', RECEIVER, '--ether')).toBe('1.500000000000000000')
  })

  it('forge test --fork-url', async () => {
    const block = ['--fork-block-number', `${Number(sent.blockNumber)}`]
    const args = ['test', '--fork-url', node.url, ...block, '--json']
    const holder = await tool('cast', 'tx', sent.transactionHash, 'from')
    const forked = { ...env, TOKEN: address, HOLDER: holder }
    const suites = JSON.parse(await output('forge', args, { cwd: project, env: forked })) as Record<
      string,
      { test_results: Record<string, { status: string; reason: string | null }> }
    >
    const results = Object.values(suites).flatMap((suite) => Object.entries(suite.test_results))
    expect(results.map(([name, { status }]) => [name, status])).toEqual([
      ['test_seesAnOlderBlock()', 'Success'],
      ['test_seesTheChain()', 'Success'],
    ])
  })

  it('cast call, estimate and access-list', async () => {
    const balanceOf = ['balanceOf(address)(uint256)', RECEIVER]
    expect(await tool('cast', 'call', address, ...balanceOf)).toBe('7')
    const before = `${Number(sent.blockNumber) - 1}`
    expect(await tool('cast', 'call', address, ...balanceOf, '--block', before)).toBe('0')
    const transfer = [address, 'transfer(address,uint256)', RECEIVER, '1']
    const from = ['--from', await tool('cast', 'tx', sent.transactionHash, 'from')]
    const gas = Number(await tool('cast', 'estimate', ...transfer, ...from))
    expect(gas).toBeGreaterThan(25_000)
    expect(gas).toBeLessThan(60_000)
    type Listed = { readonly accessList: readonly { readonly storageKeys: readonly string[] }[] }
    const listed = await json<Listed>('cast', 'access-list', ...transfer, ...from)
    expect(listed.accessList[0]?.storageKeys).toHaveLength(2)
    const tooMuch = [address, 'transfer(address,uint256)', RECEIVER, '5000', ...from]
    await expect(tool('cast', 'call', ...tooMuch)).rejects.toThrow(/execution reverted/)
  })

  it('cast block, tx, logs, nonce, chain-id, gas-price, client, age, rpc', async () => {
    const number = `${Number(sent.blockNumber)}`
    const block = await json<{ transactions: string[]; stateRoot: string }>('cast', 'block', number)
    expect(block.transactions).toEqual([sent.transactionHash])
    expect(await tool('cast', 'block', 'finalized', '--field', 'number')).toMatch(/^\d+$/)
    const tx = await json<{ type: string; to: string }>('cast', 'tx', sent.transactionHash)
    expect(tx).toMatchObject({ type: '0x2', to: address.toLowerCase() })
    const event = 'Transfer(address indexed,address indexed,uint256)'
    const logs = await json<unknown[]>('cast', 'logs', event, '--address', address)
    expect(logs).toHaveLength(1)
    expect(await tool('cast', 'nonce', SECOND)).toBe('19')
    expect(await tool('cast', 'chain-id')).toBe('31337')
    expect(Number(await tool('cast', 'gas-price'))).toBeGreaterThan(0)
    expect(Number(await tool('cast', 'base-fee'))).toBeGreaterThan(0)
    expect(await tool('cast', 'client')).toMatch(/^heddle\/v/)
    const head = Number(await tool('cast', 'block-number'))
    expect(await json('cast', 'rpc', 'eth_blockNumber')).toBe(`0x${head.toString(16)}`)
    await expect(tool('cast', 'rpc', 'eth_nothing')).rejects.toThrow(/does not exist/)
  })

  it('cast storage, code, codesize, proof and storage-root', async () => {
    const supply = await tool('cast', 'storage', address, '1')
    expect(BigInt(supply)).toBe(1000n)
    const code = await tool('cast', 'code', address)
    expect(Number(await tool('cast', 'codesize', address))).toBe((code.length - 2) / 2)
    const proof = await json<{ storageProof: { value: string }[]; storageHash: string }>(
      'cast',
      'proof',
      address,
      '1',
    )
    expect(Number(proof.storageProof[0]?.value)).toBe(1000)
    expect(await tool('cast', 'storage-root', address)).toBe(proof.storageHash)
  })

  it('cast run replays a transaction', async () => {
    const printed = await tool('cast', 'run', sent.transactionHash)
    expect(printed).toContain('Transaction successfully executed')
    expect(printed).toContain(`Gas used: ${Number(sent.gasUsed)}`)
  })

  it('cast sends blobs and authorisations', async () => {
    const path = join(folder.path, 'blob.bin')
    writeFileSync(path, 'threads that are kept apart')
    const key = ['--private-key', KEYS[3]]
    const blob = ['--blob', '--path', path, '--blob-gas-price', '1000']
    const blobs = await json<Receipt>('cast', 'send', RECEIVER, ...blob, ...key)
    expect(blobs).toMatchObject({ status: '0x1', type: '0x3', blobGasUsed: '0x20000' })
    const authority = ['--auth', address, '--private-key', KEYS[0]]
    const delegated = await json<Receipt>('cast', 'send', RECEIVER, ...authority)
    expect(delegated).toMatchObject({ status: '0x1', type: '0x4' })
    expect(await tool('cast', 'code', FIRST)).toBe(`0xef0100${address.slice(2).toLowerCase()}`)
  })
})
