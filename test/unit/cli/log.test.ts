import { createColors } from 'picocolors'
import { describe, expect, it } from 'vitest'

import { renderJson } from '../../../src/cli/log-json.ts'
import {
  createErrorWriter,
  createJsonWriter,
  createLogWriter,
} from '../../../src/cli/log-writer.ts'
import { GatheredStream } from '../../../src/cli/gathered-stream.ts'
import { type LogOptions, renderEvent } from '../../../src/cli/log.ts'
import type { MinedTransaction, NodeEvent } from '../../../src/node/events.ts'
import type { Block } from '../../../src/model/block.ts'
import {
  type Address,
  type Hash,
  ZERO_ADDRESS,
  ZERO_HASH,
  parseAddress,
} from '../../../src/primitives/hex.ts'

const plain: LogOptions = { colors: createColors(false), verbose: false, consoleLog: true }
const coloured: LogOptions = { ...plain, colors: createColors(true) }

const alice = parseAddress('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266')
const bob = parseAddress('0x70997970C51812dc3A010C7d01b50e0d17dc79C8')
const hash = (digit: string): Hash => `0x${digit.repeat(64)}` as Hash

function block(number: bigint): Block {
  return {
    hash: hash('b'),
    header: {
      parentHash: ZERO_HASH,
      ommersHash: ZERO_HASH,
      beneficiary: ZERO_ADDRESS,
      stateRoot: ZERO_HASH,
      transactionsRoot: ZERO_HASH,
      receiptsRoot: ZERO_HASH,
      logsBloom: new Uint8Array(256),
      difficulty: 0n,
      number,
      gasLimit: 30_000_000n,
      gasUsed: 51_234n,
      timestamp: 1_700_000_000n,
      extraData: new Uint8Array(0),
      mixHash: ZERO_HASH,
      nonce: new Uint8Array(8),
    },
    transactions: [],
    ommers: [],
    sizeBytes: 0,
  }
}

function transaction(
  to: Address | null,
  contractAddress: Address | null,
  rest: Partial<Omit<MinedTransaction, 'transaction' | 'receipt'>> & { readonly valueWei?: bigint },
): MinedTransaction {
  const { valueWei = 0n, ...others } = rest
  return {
    transaction: {
      type: 2,
      chainId: 31_337n,
      nonce: 0n,
      gasLimit: 60_000n,
      to,
      valueWei,
      data: new Uint8Array(0),
      maxFeePerGasWei: 0n,
      maxPriorityFeePerGasWei: 0n,
      accessList: [],
      signature: { yParity: 0, r: 1n, s: 1n },
      sender: alice,
      hash: hash('a'),
      raw: new Uint8Array(0),
    },
    receipt: {
      type: 2,
      outcome: { success: others.failure === undefined },
      cumulativeGasUsed: 51_234n,
      logsBloom: new Uint8Array(256),
      logs: [],
      gasUsed: 51_234n,
      effectiveGasPriceWei: 0n,
      contractAddress,
    },
    label: 'Token.transfer',
    failure: undefined,
    stack: [],
    trace: [],
    console: [],
    ...others,
  }
}

function mined(number: bigint, transactions: readonly MinedTransaction[]): NodeEvent {
  return { kind: 'mined', block: block(number), transactions, executor: 'serial', ms: 1.234 }
}

const poll = (ms: number): NodeEvent => ({ kind: 'request', method: 'eth_blockNumber', ms })
const failed: NodeEvent = {
  kind: 'request',
  method: 'eth_call',
  ms: 12.3,
  error: { code: 3, message: 'execution reverted: boom' },
}

describe('renderEvent: requests', () => {
  it.each<readonly [NodeEvent, string]>([
    [poll(0.04), 'eth_blockNumber 0.0 ms\n'],
    [poll(0.44), 'eth_blockNumber 0.4 ms\n'],
    [poll(99.6), 'eth_blockNumber 100 ms\n'],
    [poll(1234), 'eth_blockNumber 1.2 s\n'],
    [failed, 'eth_call 12 ms execution reverted: boom (3)\n'],
    [
      {
        kind: 'request',
        method: 'eth_\u001b[2Jx\n',
        ms: 1,
        error: { code: -32601, message: 'a\nb\u0007' },
      },
      'eth_\\x1b[2Jx\\n 1.0 ms a\\nb\\x07 (-32601)\n',
    ],
  ])('%#', (event, text) => {
    expect(renderEvent(event, plain)).toBe(text)
  })

  it('are green, red when they failed', () => {
    expect(renderEvent(poll(1), coloured)).toBe(
      '\u001b[32meth_blockNumber\u001b[39m \u001b[2m1.0 ms\u001b[22m\n',
    )
    expect(renderEvent(failed, coloured)).toContain('\u001b[31meth_call\u001b[39m')
  })
})

describe('renderEvent: blocks', () => {
  it('has one block of lines for a transaction', () => {
    const event = mined(12n, [transaction(bob, null, { valueWei: 15n * 10n ** 17n })])
    expect(renderEvent(event, plain)).toBe(`    Token.transfer
    Transaction: ${hash('a')}
    From:        0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 → 0x70997970C51812dc3A010C7d01b50e0d17dc79C8
    Value:       1.5 ETH
    Gas used:    51234 of 60000

    Block:       12 ${hash('b')}
                 1 transaction, 51234 gas, 1.2 ms, serial

`)
  })

  it('shows a creation, an error and what the contract printed', () => {
    const rest = {
      label: 'Token (new)',
      failure: 'execution reverted: boom',
      console: ['hello', 'two\nlines', '\u001b[2Jhidden'],
    }
    const event = mined(13n, [transaction(null, bob, rest)])
    expect(renderEvent(event, plain)).toBe(`    Token (new)
    Transaction: ${hash('a')}
    From:        0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 → a new contract
    Contract:    0x70997970C51812dc3A010C7d01b50e0d17dc79C8
    Gas used:    51234 of 60000
    Error:       execution reverted: boom
    console.log:
      hello
      two
      lines
      \\x1b[2Jhidden

    Block:       13 ${hash('b')}
                 1 transaction, 51234 gas, 1.2 ms, serial

`)
    const quiet = renderEvent(event, { ...plain, consoleLog: false })
    expect(quiet).not.toContain('console.log')
  })

  it('shows small amounts in wei', () => {
    expect(renderEvent(mined(1n, [transaction(bob, null, { valueWei: 7n })]), plain)).toContain(
      'Value:       7 wei\n',
    )
  })

  it('does not print all transactions of a big block unless asked', () => {
    const transactions = Array.from({ length: 25 }, (_, index) =>
      transaction(bob, null, index > 20 ? { failure: 'x' } : {}),
    )
    const event = mined(2n, transactions)
    const text = renderEvent(event, plain)
    expect(text.match(/Transaction:/g)).toHaveLength(10)
    expect(text).toContain('\n    and 15 more, 4 of them failed (-v prints all)\n')
    expect(text).toContain('             25 transactions, 51234 gas, 1.2 ms, serial\n')
    const all = renderEvent(event, { ...plain, verbose: true })
    expect(all.match(/Transaction:/g)).toHaveLength(25)
  })

  it('has one line for an empty block', () => {
    expect(renderEvent(mined(5n, []), plain)).toBe('Block 5: empty\n')
  })
})

describe('renderEvent: the rest', () => {
  it.each<readonly [NodeEvent, string]>([
    [
      { kind: 'call', method: 'eth_call', console: ['hi'], trace: [] },
      '    console.log:\n      hi\n',
    ],
    [{ kind: 'call', method: 'eth_call', console: [], trace: [] }, ''],
    [{ kind: 'notice', level: 'info', text: 'so' }, 'so\n'],
    [{ kind: 'notice', level: 'warn', text: 'so' }, 'warning: so\n'],
    [{ kind: 'notice', level: 'error', text: 'so\nat\u0007 x' }, 'error: so\n    at\\x07 x\n'],
  ])('%#', (event, text) => {
    expect(renderEvent(event, plain)).toBe(text)
  })
})

class Stream {
  written = ''
  writableLength = 0
  readonly isTTY: boolean
  constructor(isTTY: boolean) {
    this.isTTY = isTTY
  }
  write(text: string): boolean {
    this.written += text
    return true
  }
}

describe('createLogWriter', () => {
  const up = '\u001b[1A\u001b[2K'

  it('folds repeated polls and empty blocks into one line on a terminal', () => {
    const stream = new Stream(true)
    const write = createLogWriter(stream, plain)
    for (const event of [poll(1), poll(2), poll(3), failed, failed, poll(4)]) write(event)
    for (const number of [7n, 8n, 9n]) write(mined(number, []))
    write(poll(5))
    expect(stream.written).toBe(
      'eth_blockNumber 1.0 ms\n' +
        `${up}eth_blockNumber (2) 2.0 ms\n` +
        `${up}eth_blockNumber (3) 3.0 ms\n` +
        'eth_call 12 ms execution reverted: boom (3)\n' +
        'eth_call 12 ms execution reverted: boom (3)\n' +
        'eth_blockNumber 4.0 ms\n' +
        'Block 7: empty\n' +
        `${up}Blocks 7 to 8: empty\n` +
        `${up}Blocks 7 to 9: empty\n` +
        'eth_blockNumber 5.0 ms\n',
    )
  })

  it('does not fold across what was printed between', () => {
    const stream = new Stream(true)
    const write = createLogWriter(stream, plain)
    write(poll(1))
    write({ kind: 'call', method: 'eth_call', console: ['hi'], trace: [] })
    write(poll(1))
    expect(stream.written).not.toContain(up)
  })

  it('sets blocks apart by one empty line', () => {
    const stream = new Stream(false)
    const write = createLogWriter(stream, plain)
    const event = mined(1n, [transaction(bob, null, {})])
    for (const each of [event, poll(1), event, event]) write(each)
    const text = renderEvent(event, plain)
    expect(stream.written).toBe(`${text}eth_blockNumber 1.0 ms\n\n${text}${text}`)
  })

  it('writes every line where nothing can be taken back', () => {
    const stream = new Stream(false)
    const write = createLogWriter(stream, plain)
    write(poll(1))
    write(poll(1))
    expect(stream.written).toBe('eth_blockNumber 1.0 ms\neth_blockNumber 1.0 ms\n')
  })

  it('skips lines, and says so, while nobody reads', () => {
    const stream = new Stream(false)
    const write = createLogWriter(stream, plain)
    stream.writableLength = 2 ** 21
    write(poll(1))
    write(poll(2))
    expect(stream.written).toBe('')
    stream.writableLength = 0
    write(poll(3))
    expect(stream.written).toBe('(2 log entries were not printed)\neth_blockNumber 3.0 ms\n')
  })
})

describe('a stream that gathers', () => {
  it('writes once what comes in one turn, in its order, and what is left when it is asked to', async () => {
    const stream = new Stream(false)
    const writes: string[] = []
    const gathered = new GatheredStream({
      writableLength: 3,
      write: (text) => writes.push(text) && stream.write(text),
    })
    const write = createLogWriter(gathered, plain)
    for (const number of [1n, 2n, 3n]) write(mined(number, []))
    expect(stream.written).toBe('')
    expect(gathered.writableLength).toBe(3 + 'Block 1: empty\n'.length * 3)
    await new Promise(setImmediate)
    expect(writes).toEqual(['Block 1: empty\nBlock 2: empty\nBlock 3: empty\n'])
    write(poll(1))
    gathered.flush()
    gathered.flush()
    await new Promise(setImmediate)
    expect(writes.slice(1)).toEqual(['eth_blockNumber 1.0 ms\n'])
    write(mined(4n, []))
    for (let at = 0; at < 5_000; at++) write(poll(1))
    // So much is not held until the turn ends.
    expect(stream.written.length).toBeGreaterThan(2 ** 16)
  })
})

describe('other writers', () => {
  it('writes JSON, one object a line', () => {
    const stream = new Stream(false)
    const write = createJsonWriter(stream)
    write(poll(1))
    write(failed)
    stream.writableLength = 2 ** 21
    write(poll(1))
    stream.writableLength = 0
    write({ kind: 'notice', level: 'info', text: 'so' })
    expect(
      stream.written
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    ).toEqual([
      { kind: 'request', method: 'eth_blockNumber', ms: 1 },
      {
        kind: 'request',
        method: 'eth_call',
        ms: 12.3,
        error: { code: 3, message: 'execution reverted: boom' },
      },
      { kind: 'notice', level: 'warn', text: '1 log entries were not printed' },
      { kind: 'notice', level: 'info', text: 'so' },
    ])
  })

  it('writes blocks as JSON without bigints', () => {
    const event = mined(3n, [transaction(null, bob, { failure: 'x', console: ['y'] })])
    expect(JSON.parse(renderJson(event))).toEqual({
      kind: 'mined',
      number: 3,
      hash: hash('b'),
      timestamp: 1_700_000_000,
      gasUsed: 51_234,
      transactions: [
        {
          hash: hash('a'),
          label: 'Token.transfer',
          from: alice,
          to: null,
          contractAddress: bob,
          valueWei: '0',
          gasUsed: 51_234,
          gasLimit: 60_000,
          success: false,
          failure: 'x',
          console: ['y'],
        },
      ],
      executor: 'serial',
      ms: 1.234,
    })
  })

  it('writes errors only when it is quiet', () => {
    const stream = new Stream(false)
    const write = createErrorWriter(stream, plain)
    for (const event of [poll(1), failed, mined(1n, [])]) write(event)
    write({ kind: 'notice', level: 'warn', text: 'so' })
    write({ kind: 'notice', level: 'error', text: 'so' })
    expect(stream.written).toBe('error: so\n')
  })
})
