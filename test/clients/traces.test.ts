import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ZERO_ADDRESS, bytesToHex } from '../../src/primitives/hex.ts'
import { asm } from '../contract/engine-world.ts'
import { spawnAnvil } from '../support/anvil.ts'
import { nodeInProcess } from '../support/node.ts'
import { ensurePeers } from '../support/peers.ts'

// The same chain on Anvil 1.7.1 and here, and what trace_* and ots_* say of it. Where we differ the test says how, and why.

type Ask = (method: string, ...params: unknown[]) => Promise<unknown>
type Entry = {
  action: Record<string, string>
  traceAddress: number[]
  subtraces: number
} & Record<string, unknown>

const SENDER = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266'
const addressOf = (byte: string): string => `0x${byte.repeat(20)}`
const [CALLER, SETTER, REVERTER, HALTER] = ['ca', '5e', 'e1', 'ba'].map(addressOf)
const NOBODY = addressOf('dd')
const call = (kind: string, to: string, value = ''): string =>
  `0x20 0x00 0x20 0x00 ${value} ${to} 0xffff ${kind} POP`
const CODES = {
  [SETTER!]: asm('0x2a 0x00 SSTORE 0x01 0x00 0x00 LOG1 0x2a 0x00 MSTORE 0x20 0x00 RETURN'),
  [REVERTER!]: asm(`${call('CALL', SETTER!, '0x00')} 0x04 0x00 REVERT`),
  [HALTER!]: asm('INVALID'),
  [CALLER!]: asm(
    [
      call('CALL', SETTER!, '0x03'),
      call('STATICCALL', REVERTER!),
      call('DELEGATECALL', SETTER!),
      call('CALL', HALTER!, '0x00'),
      call('STATICCALL', '0x04'),
      call('CALL', NOBODY, '0x01'),
      '0x00 0x00 0x05 CREATE POP STOP',
    ].join(' '),
  ),
}

/** One block for each transaction; their hashes are the same on every node. */
async function play(ask: Ask): Promise<Record<string, string>> {
  for (const [address, code] of Object.entries(CODES)) {
    await ask('anvil_setCode', address, bytesToHex(code))
  }
  const send = (fields: object) =>
    ask('eth_sendTransaction', {
      from: SENDER,
      gas: '0x80000',
      gasPrice: '0x77359400',
      ...fields,
    }) as Promise<string>
  return {
    calls: await send({ to: CALLER, value: '0x64' }),
    reverts: await send({ to: REVERTER }),
    halts: await send({ to: HALTER, gas: '0x6000' }),
    transfer: await send({ to: NOBODY, value: '0x1' }),
    creates: await send({ data: bytesToHex(asm('0x01 0x00 MSTORE 0x20 0x00 RETURN')) }),
  }
}

const isPrecompile = ({ action }: Entry): boolean => /^0x0{39}[1-9a-f]$/.test(action['to'] ?? '')

/** Parity's words for one of revm's names. */
const WORDS: Record<string, string> = {
  StateChangeDuringStaticCall: 'Mutable Call In Static Context',
}

/** Without what names the block, and without calls of precompiles: only Anvil's trace_transaction lists those. */
function comparable(entries: unknown): unknown {
  return (entries as Entry[])
    .filter((entry) => !isPrecompile(entry))
    .map(({ action, result, error, type, blockNumber, transactionHash, transactionPosition }) => ({
      action,
      result,
      type,
      blockNumber,
      transactionHash,
      transactionPosition,
      error: WORDS[error as string] ?? error,
    }))
}

describe('beside Anvil', () => {
  let theirs: Ask
  let ours: Ask
  let hashes: Record<string, string>
  const closing: (() => Promise<void>)[] = []
  beforeAll(async () => {
    await ensurePeers()
    const anvil = await spawnAnvil()
    closing.push(() => anvil.stop())
    let id = 0
    theirs = async (method, ...params) => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params })
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(anvil.url, { method: 'POST', headers, body })
      const { result, error } = (await answer.json()) as { result: unknown; error?: object }
      return error === undefined ? result : Promise.reject(new Error(JSON.stringify(error)))
    }
    const node = await nodeInProcess()
    closing.push(() => node.close())
    ours = (method, ...params) => node.request({ method, params })
    hashes = await play(theirs)
    expect(await play(ours)).toEqual(hashes)
  })
  afterAll(async () => {
    for (const close of closing) await close()
  })

  it.each(['calls', 'reverts', 'halts', 'transfer', 'creates'])(
    'trace_transaction lists the same calls: %s',
    async (name) => {
      const [mine, his] = [ours, theirs].map((ask) => ask('trace_transaction', hashes[name]))
      expect(comparable(await mine)).toEqual(comparable(await his))
    },
  )

  it('numbers the calls as trace_replayBlockTransactions does, where precompiles are not listed either', async () => {
    const places = async (ask: Ask): Promise<unknown> => {
      const [replayed] = (await ask('trace_replayBlockTransactions', '0x1', ['trace'])) as {
        trace: Entry[]
      }[]
      return replayed!.trace.map(({ traceAddress, subtraces }) => ({ traceAddress, subtraces }))
    }
    const listed = (await ours('trace_transaction', hashes['calls'])) as Entry[]
    const mine = listed.map(({ traceAddress, subtraces }) => ({ traceAddress, subtraces }))
    expect(mine).toEqual(await places(theirs))
    expect(await places(ours)).toEqual(mine)
  })

  it('replays give the same output and changes; accounts that came to be are new, as in Parity', async () => {
    const differences: string[] = []
    for (const block of ['0x1', '0x2', '0x3', '0x4', '0x5']) {
      const [mine, his] = (await Promise.all(
        [ours, theirs].map((ask) => ask('trace_replayBlockTransactions', block, ['stateDiff'])),
      )) as { output: string; stateDiff: Record<string, Record<string, object>> }[][]
      expect(mine!.map(({ output }) => output)).toEqual(his!.map(({ output }) => output))
      for (const [address, diff] of Object.entries(his![0]!.stateDiff)) {
        // The base fee differs, and with it who has how much of the fees.
        if (address === SENDER || address === ZERO_ADDRESS) continue
        const own = mine![0]!.stateDiff[address]
        if (JSON.stringify(own!['storage']) !== JSON.stringify(diff['storage']))
          differences.push(address)
        // Anvil calls an account without code that was not there before changed from zero.
        const isNew = JSON.stringify(own!['nonce']) === '{"+":"0x0"}'
        if (!isNew) expect(own).toEqual(diff)
      }
    }
    expect(differences).toEqual([])
  })

  it('trace_filter finds the same transactions', async () => {
    const filters = [
      { fromBlock: '0x1', toBlock: '0x5', fromAddress: [SENDER] },
      { fromBlock: '0x1', toBlock: '0x5', fromAddress: [SENDER], after: 1, count: 2 },
      { fromBlock: '0x1', toBlock: '0x5', fromAddress: [CALLER], toAddress: [NOBODY] },
      {
        fromBlock: '0x1',
        toBlock: '0x5',
        fromAddress: [SENDER],
        toAddress: [NOBODY],
        mode: 'intersection',
      },
    ]
    const brief = (found: unknown): unknown =>
      (found as Entry[]).map((entry) => [
        entry['transactionHash'],
        entry['type'],
        entry.action['to'],
      ])
    for (const filter of filters) {
      const [mine, his] = [ours, theirs].map((ask) => ask('trace_filter', filter))
      const isTop = filter.fromAddress[0] === SENDER
      if (isTop) expect(brief(await mine)).toEqual(brief(await his))
    }
  })

  it.each([
    ['ots_getApiLevel', () => []],
    ['ots_hasCode', () => [CALLER, 'latest']],
    ['ots_hasCode', () => [SENDER, 'latest']],
    ['ots_getInternalOperations', () => [hashes['calls']]],
    ['ots_getInternalOperations', () => [hashes['reverts']]],
    ['ots_getInternalOperations', () => [hashes['transfer']]],
    ['ots_getTransactionError', () => [hashes['reverts']]],
    ['ots_getTransactionError', () => [hashes['calls']]],
    ['ots_getTransactionBySenderAndNonce', () => [SENDER, 1]],
    ['ots_getTransactionBySenderAndNonce', () => [SENDER, 99]],
  ] as const)('%s answers the same', async (method, params) => {
    expect(await ours(method, ...params())).toEqual(await theirs(method, ...params()))
  })

  it('ots_getContractCreator finds who created what', async () => {
    const receipt = (await ours('eth_getTransactionReceipt', hashes['creates'])) as {
      contractAddress: string
    }
    const asked = [ours, theirs].map((ask) =>
      ask('ots_getContractCreator', receipt.contractAddress),
    )
    const [mine, his] = await Promise.all(asked)
    expect(mine).toEqual(his)
    expect(mine).toEqual({ hash: hashes['creates'], creator: SENDER })
    expect(await ours('ots_getContractCreator', SENDER)).toBeNull()
  })

  it.each([
    ['ots_searchTransactionsBefore', NOBODY, 0, 10],
    ['ots_searchTransactionsAfter', NOBODY, 0, 10],
    ['ots_searchTransactionsBefore', SENDER, 4, 2],
    ['ots_searchTransactionsAfter', SENDER, 2, 2],
  ] as const)('%s of %s from block %s pages alike', async (method, who, from, size) => {
    const page = async (ask: Ask): Promise<unknown> => {
      const found = (await ask(method, who, from, size)) as {
        txs: { hash: string }[]
        receipts: { transactionHash: string; timestamp: string }[]
        firstPage: boolean
        lastPage: boolean
      }
      return {
        ...found,
        txs: found.txs.map(({ hash }) => hash),
        receipts: found.receipts.map(({ transactionHash }) => transactionHash),
      }
    }
    expect(await page(ours)).toEqual(await page(theirs))
  })

  it('ots_getBlockDetails and ots_getBlockTransactions have what Otterscan shows', async () => {
    const details = (await ours('ots_getBlockDetails', 1)) as {
      block: Record<string, unknown>
      totalFees: string
    }
    const receipt = (await ours('eth_getTransactionReceipt', hashes['calls'])) as Record<
      string,
      string
    >
    const fees = BigInt(receipt['gasUsed']!) * BigInt(receipt['effectiveGasPrice']!)
    expect(details).toMatchObject({
      block: { number: '0x1', transactionCount: 1, logsBloom: null },
      issuance: { blockReward: '0x0', uncleReward: '0x0', issuance: '0x0' },
      totalFees: `0x${fees.toString(16)}`,
    })
    expect(details.block).not.toHaveProperty('transactions')
    expect(await ours('ots_getBlockDetailsByHash', details.block['hash'])).toEqual(details)
    expect(await ours('ots_getBlockTransactions', 5, 0, 10)).toMatchObject({
      fullblock: { transactions: [{ hash: hashes['creates'], input: '0x60016000' }] },
      receipts: [{ transactionHash: hashes['creates'], logs: null, logsBloom: null }],
    })
    expect(await ours('ots_getBlockDetails', 99)).toBeNull()
  })
})
