import { createRequire } from 'node:module'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Abi, encodeDeployData, encodeFunctionData } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { createNode } from '../../../src/node/create-node.ts'
import type { NodeEvent } from '../../../src/node/events.ts'
import type { HeddleNode } from '../../../src/node/node.ts'

/** A way to fail for each function; lines are counted in the tests. */
const SOURCE = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;
interface IThing { function get() external returns (uint256); }
library Sums { function add(uint256 a) external pure returns (uint256) { return a + 1; } }
contract Silent { fallback() external {} }
contract Receiver { fallback() external {} receive() external payable {} }
contract Refuses { constructor() { revert(); } }
contract Kinds {
  error Short(uint256 have, uint256 want);
  event Noted(address indexed who, uint256 what);
  uint256 public count;
  constructor() payable {}
  function reason() external pure {
    require(false, "boom");
  }
  function inner() external pure {
    _deep(3);
  }
  function _deep(uint256 n) private pure {
    if (n > 2) {
      revert Short(n, 2);
    }
  }
  function panics() external view returns (uint256) {
    return count - 1;
  }
  function nothing() external pure {
    revert();
  }
  function calls(IThing thing) external {
    count = thing.get();
  }
  function invalid() external pure {
    assembly { invalid() }
  }
  function burns() external {
    while (true) count++;
  }
  function precompile() external view {
    assembly {
      mstore(0, not(0))
      if iszero(staticcall(gas(), 6, 0, 64, 0, 64)) { revert(0, 0) }
    }
  }
  function large() external {
    assembly {
      mstore(0, 0x61ffff6000f3)
      if iszero(create(0, 26, 6)) { revert(0, 0) }
    }
  }
  function creates() external {
    new Refuses();
  }
  function takes(uint8 small) external pure returns (uint8) { return small; }
  function notes(address who) external {
    emit Noted(who, 7);
    count = 5;
  }
  function nested() external {
    _outer(2);
  }
  function _outer(uint256 n) private {
    _count(n);
    _count(n);
  }
  function _count(uint256 n) private {
    count += n;
    require(n != 0, "none");
    _count(n - 1);
  }
  function swallows() external {
    try this.reason() {} catch { revert(); }
  }
}
`

const folder = mkdtempSync(join(tmpdir(), 'heddle-stacks-'))
let node: HeddleNode
let kinds: string
const contracts: Record<string, { abi: Abi; evm: { bytecode: { object: string } } }> = {}
const ask = <T = unknown>(method: string, ...params: unknown[]): Promise<T> =>
  node.request({ method, params }) as Promise<T>

function compile(): unknown {
  const solc = createRequire(import.meta.url)('solc') as { compile(input: string): string }
  const outputs = ['abi', 'evm.bytecode', 'evm.deployedBytecode.object']
  const input = {
    language: 'Solidity',
    sources: { 'src/Kinds.sol': { content: SOURCE } },
    settings: {
      evmVersion: 'prague',
      optimizer: { enabled: true },
      outputSelection: { '*': { '*': [...outputs, 'evm.deployedBytecode.sourceMap'] } },
    },
  }
  return JSON.parse(solc.compile(JSON.stringify(input)))
}

async function deploy(name: string): Promise<string> {
  const { abi, evm } = contracts[name]!
  const data = encodeDeployData({ abi, bytecode: `0x${evm.bytecode.object}` })
  const hash = await ask('eth_sendTransaction', { from: sender(), data, gas: '0x400000' })
  const receipt = await ask<{ contractAddress: string }>('eth_getTransactionReceipt', hash)
  return receipt.contractAddress
}

const sender = (): string => node.accounts[0]!.address

async function send(to: string, data: string, value = '0x0'): Promise<string> {
  return ask('eth_sendTransaction', { from: sender(), to, data, value, gas: '0x100000' })
}

function dataOf(functionName: string, args: readonly unknown[] = []): string {
  return encodeFunctionData({ abi: contracts['Kinds']!.abi, functionName, args })
}

interface Explained {
  failure: {
    kind: string
    message: string | null
    frames: { contract: string; function: string; source: string; line: number }[]
  } | null
  calls: string[]
}
const explained = async (hash: string): Promise<Explained> => ask('heddle_explainTransaction', hash)

beforeAll(async () => {
  const output = compile() as { contracts: Record<string, typeof contracts> }
  mkdirSync(join(folder, 'artifacts', 'build-info'), { recursive: true })
  mkdirSync(join(folder, 'src'))
  writeFileSync(join(folder, 'artifacts', 'build-info', 'one.json'), JSON.stringify({ output }))
  writeFileSync(join(folder, 'src', 'Kinds.sol'), SOURCE)
  Object.assign(contracts, output.contracts['src/Kinds.sol'])
  node = await createNode({
    workers: 1,
    artefactDirs: [join(folder, 'artifacts')],
    printTraces: 'all',
  })
  kinds = await deploy('Kinds')
})
afterAll(async () => {
  await node.close()
  rmSync(folder, { recursive: true })
})

describe('why a transaction failed', () => {
  it.each([
    ['reason', 'revert', 14],
    ['panics', 'panic', 25],
    ['nothing', 'revert', 28],
    ['invalid', 'invalidOpcode', 34],
    ['burns', 'outOfGas', 37],
  ] as const)('%s: %s at line %i', async (name, kind, line) => {
    const { failure } = await explained(await send(kinds, dataOf(name)))
    expect(failure).toMatchObject({
      kind,
      frames: [{ contract: 'Kinds', function: name, source: 'src/Kinds.sol', line }],
    })
  })

  it('names the internal function that reverted, and the error', async () => {
    const { failure, calls } = await explained(await send(kinds, dataOf('inner')))
    expect(failure).toMatchObject({
      kind: 'customError',
      frames: [
        { contract: 'Kinds', function: '_deep', line: 21 },
        { contract: 'Kinds', function: 'inner', line: 17 },
      ],
    })
    expect(calls.at(-1)).toContain('execution reverted: Short(3, 2)')
  })

  it('names the internal functions that called each other, recursion too', async () => {
    const { failure } = await explained(await send(kinds, dataOf('nested')))
    expect(failure?.frames.map((frame) => `${frame.function}:${frame.line}`)).toEqual([
      '_count:68',
      '_count:69',
      '_count:69',
      '_outer:63',
      'nested:60',
    ])
  })

  it.each([
    ['functionNotPayable', 'reason', [], '0x5', 'Kinds.reason is not payable, and was sent 5 wei'],
    [
      'precompileError',
      'precompile',
      [],
      '0x0',
      'the precompile 0x0000000000000000000000000000000000000006 failed',
    ],
    ['contractTooLarge', 'large', [], '0x0', 'the contract is too large'],
    ['revert', 'creates', [], '0x0', 'the constructor of Refuses reverted without a reason'],
    ['callToNonContract', 'calls', [`0x${'dd'.repeat(20)}`], '0x0', 'where no contract is'],
  ] as const)('%s: %s', async (kind, name, args, value, message) => {
    const { failure } = await explained(await send(kinds, dataOf(name, args), value))
    expect(failure).toMatchObject({ kind, message: expect.stringContaining(message) })
  })

  it('sees what was returned by what it called', async () => {
    const silent = await deploy('Silent')
    const { failure } = await explained(await send(kinds, dataOf('calls', [silent])))
    expect(failure).toMatchObject({
      kind: 'unexpectedReturnData',
      message: expect.stringContaining('returned 0 bytes'),
      frames: [{ function: 'calls', line: 31 }],
    })
  })

  it.each([
    ['unrecognisedFunction', 'Kinds', '0x12345678', '0x0'],
    ['missingFallbackOrReceive', 'Kinds', '0x', '0x1'],
    ['fallbackNotPayable', 'Receiver', '0x12345678', '0x1'],
    ['fallbackNotPayableAndNoReceive', 'Silent', '0x', '0x1'],
    ['directLibraryCall', 'Sums', '0x1003e2d2', '0x0'],
  ] as const)('%s: %s called with %s', async (kind, name, data, value) => {
    const to = name === 'Kinds' ? kinds : await deploy(name)
    const { failure } = await explained(await send(to, data, value))
    expect(failure).toMatchObject({ kind })
    expect(failure!.message).toContain(name)
  })

  it('a call that failed, of which the caller says nothing', async () => {
    expect((await explained(await send(kinds, dataOf('swallows')))).failure).toMatchObject({
      kind: 'callFailed',
      message: expect.stringContaining('a call of Kinds to'),
      frames: [{ function: 'swallows', line: 72 }],
    })
  })

  it('creations: by an unknown code, and with ether that the constructor does not take', async () => {
    const creating = { from: sender(), gas: '0x100000' }
    const unknown = await ask<string>('eth_sendTransaction', { ...creating, data: '0x5f5ffd' })
    expect((await explained(unknown)).failure).toMatchObject({ kind: 'unrecognisedCreation' })
    const data = `0x${contracts['Refuses']!.evm.bytecode.object}`
    const paid = await ask<string>('eth_sendTransaction', { ...creating, data, value: '0x5' })
    expect((await explained(paid)).failure).toMatchObject({
      kind: 'functionNotPayable',
      message: 'the constructor of Refuses is not payable, and was sent 5 wei',
    })
  })

  it('what no Solidity does: the stack runs empty', async () => {
    const odd = `0x${'98'.repeat(20)}`
    await ask('anvil_setCode', odd, '0x50')
    expect((await explained(await send(odd, '0x'))).failure).toMatchObject({
      kind: 'halt',
      message: expect.stringContaining('stack underflow'),
    })
  })

  it('parameters that cannot be read, and contracts that nobody knows', async () => {
    const cut = dataOf('takes', [1]).slice(0, 40)
    expect((await explained(await send(kinds, cut))).failure).toMatchObject({
      kind: 'invalidParameters',
    })
    const stranger = `0x${'99'.repeat(20)}`
    await ask('anvil_setCode', stranger, '0x5f5ffd')
    expect((await explained(await send(stranger, '0x'))).failure).toMatchObject({
      kind: 'unrecognisedContract',
      frames: [{ contract: null, line: null }],
    })
  })

  it('nothing failed: the calls alone', async () => {
    const { failure, calls } = await explained(await send(kinds, dataOf('notes', [kinds])))
    expect(failure).toBeNull()
    expect(calls[0]).toMatch(/^\[\d+\] Kinds\.notes\(0x[0-9a-fA-F]{40}\)$/)
    expect(calls[1]).toMatch(/^ {2}├─ emit Noted\(who: 0x[0-9a-fA-F]{40}, what: 7\)$/)
    expect(calls[2]).toBe('  └─ ← done')
    await expect(explained(`0x${'12'.repeat(32)}`)).rejects.toThrow('transaction not found')
  })
})

describe('what callers are told', () => {
  const call = (name: string, args: readonly unknown[] = [], more: object = {}): Promise<unknown> =>
    ask('eth_call', { to: kinds, data: dataOf(name, args), ...more })

  it('calls and estimates: custom errors by their names, revert data as it is', async () => {
    const error = { code: 3, message: 'execution reverted: Short(3, 2)' }
    const data = expect.stringMatching(/^0x[0-9a-f]{136}$/)
    await expect(call('inner')).rejects.toMatchObject({ ...error, data })
    const wanted = ask('eth_estimateGas', { to: kinds, data: dataOf('inner') })
    await expect(wanted).rejects.toMatchObject({ ...error, data })
    await expect(call('reason')).rejects.toMatchObject({ message: 'execution reverted: boom' })
  })

  it('why there is no revert data', async () => {
    const paid = call('reason', [], { value: '0x5' })
    await expect(paid).rejects.toMatchObject({
      code: 3,
      message: 'execution reverted: Kinds.reason is not payable, and was sent 5 wei',
      data: '0x',
    })
    await expect(call('nothing')).rejects.toMatchObject({ message: 'execution reverted' })
    const stranger = `0x${'97'.repeat(20)}`
    await ask('anvil_setCode', stranger, '0x5f5ffd')
    await expect(ask('eth_call', { to: stranger })).rejects.toMatchObject({
      message: 'execution reverted',
    })
  })

  it('the lines of what halted, and in the log of what reverted', async () => {
    const trace = ['at Kinds.burns (src/Kinds.sol:37)']
    const burning = call('burns', [], { gas: '0x30000' })
    await expect(burning).rejects.toMatchObject({ message: 'out of gas', data: { trace } })
    const events: NodeEvent[] = []
    const stop = node.listen((event) => events.push(event))
    await expect(call('nested')).rejects.toThrow('none')
    stop()
    const heard = events.find((event) => event.kind === 'request')
    expect(heard).toMatchObject({ error: { trace: { length: 5 } } })
  })

  it('the line of a constructor that reverted, and of what never ran', async () => {
    const { failure } = await explained(await send(kinds, dataOf('creates')))
    expect(failure?.frames).toMatchObject([
      { contract: 'Refuses', function: 'constructor', line: 7 },
      { contract: 'Kinds', function: 'creates', line: 52 },
    ])
    const silent = await deploy('Silent')
    const unpaid = (await explained(await send(silent, '0x', '0x1'))).failure
    expect(unpaid?.frames).toMatchObject([{ contract: 'Silent', line: 5 }])
  })
})

describe('the log', () => {
  it('names the cause of a halt once', async () => {
    const events: NodeEvent[] = []
    const stop = node.listen((event) => events.push(event))
    await send(kinds, dataOf('invalid'))
    await expect.poll(() => events.filter(({ kind }) => kind === 'mined')).toHaveLength(1)
    stop()
    expect(events.find(({ kind }) => kind === 'mined')).toMatchObject({
      transactions: [{ failure: 'invalid opcode: INVALID' }],
    })
  })

  it('has the stack, and the tree when it was asked for', async () => {
    const events: NodeEvent[] = []
    const stop = node.listen((event) => events.push(event))
    await send(kinds, dataOf('reason'))
    await ask('eth_call', { to: kinds, data: dataOf('count') })
    await expect.poll(() => events.filter(({ kind }) => kind === 'mined')).toHaveLength(1)
    await expect.poll(() => events.filter(({ kind }) => kind === 'call')).toHaveLength(1)
    stop()
    const mined = events.find((event) => event.kind === 'mined')
    expect(mined).toMatchObject({
      transactions: [
        {
          label: 'Kinds.reason',
          failure: 'execution reverted: boom',
          stack: ['at Kinds.reason (src/Kinds.sol:14)'],
          trace: [
            expect.stringContaining('Kinds.reason()'),
            expect.stringContaining('← execution reverted'),
          ],
        },
      ],
    })
    const called = events.find((event) => event.kind === 'call')
    expect(called).toMatchObject({
      trace: [expect.stringContaining('Kinds.count()'), '  └─ ← 5'],
    })
  })
})
