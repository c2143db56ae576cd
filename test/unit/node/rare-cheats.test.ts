import { afterEach, describe, expect, it } from 'vitest'

import { createNode } from '../../../src/node/create-node.ts'
import type { HeddleNode } from '../../../src/node/node.ts'
import { bytesToHex, parseAddress, slotOf } from '../../../src/primitives/hex.ts'
import { RETURN_TOP, asm } from '../../contract/engine-world.ts'

let node: HeddleNode | undefined
afterEach(() => node?.close())

async function start(mining: 'auto' | 'manual' = 'auto') {
  const made = await createNode({ workers: 1, artefactDirs: [], mining: { kind: mining } })
  node = made
  const ask = <T = unknown>(method: string, ...params: unknown[]): Promise<T> =>
    made.request({ method, params }) as Promise<T>
  return { ask, senders: made.accounts.map(({ address }) => address) }
}

const TOKEN = `0x${'70'.repeat(20)}`
/** A "token" whose every view is in the slot that its last argument names; slot 1 is read on the way. */
const VIEWS = bytesToHex(asm(`0x01 SLOAD POP 0x04 CALLDATALOAD SLOAD ${RETURN_TOP}`))
/** One that says 5 whatever it holds. */
const CONSTANT = bytesToHex(asm(`0x04 CALLDATALOAD SLOAD POP 0x05 ${RETURN_TOP}`))

describe('tokens', () => {
  it('anvil_dealERC20 finds the slot of a balance', async () => {
    const { ask, senders } = await start()
    await ask('anvil_setCode', TOKEN, VIEWS)
    expect(await ask('anvil_dealERC20', senders[0], TOKEN, '0x64')).toBeNull()
    const data = `0x70a08231${senders[0]!.slice(2).padStart(64, '0')}`
    expect(await ask('eth_call', { to: TOKEN, data })).toBe(slotOf(100n))
    expect(await ask('hardhat_dealERC20', senders[0], TOKEN, '0x65')).toBe(true)
    expect(await ask('eth_call', { to: TOKEN, data })).toBe(slotOf(101n))
  })

  it('anvil_setERC20Allowance sets what the owner lets the spender have', async () => {
    const { ask, senders } = await start()
    await ask('anvil_setCode', TOKEN, VIEWS)
    await ask('anvil_setERC20Allowance', senders[0], senders[1], TOKEN, 7)
    expect(
      await ask('eth_getStorageAt', TOKEN, `0x${senders[0]!.slice(2).padStart(64, '0')}`),
    ).toBe(slotOf(7n))
  })

  it('anvil_dealERC20 writes shares, never what all holders have in common', async () => {
    const { ask, senders } = await start()
    const shares = asm(`0x02 SLOAD 0x01 SLOAD 0x04 CALLDATALOAD SLOAD MUL DIV ${RETURN_TOP}`)
    await ask('anvil_setCode', TOKEN, bytesToHex(shares))
    // Three for each share.
    await ask('anvil_setStorageAt', TOKEN, '0x1', slotOf(3000n))
    await ask('anvil_setStorageAt', TOKEN, '0x2', slotOf(1000n))
    const held = senders.map((who) => `0x${who.slice(2).padStart(64, '0')}`)
    await ask('anvil_setStorageAt', TOKEN, held[0], slotOf(1000n))
    await ask('anvil_setStorageAt', TOKEN, held[1], slotOf(8n))
    await ask('anvil_dealERC20', senders[0], TOKEN, 600)
    expect(await ask('eth_getStorageAt', TOKEN, held[0])).toBe(slotOf(200n))
    const data = `0x70a08231${held[1]!.slice(2)}`
    expect(await ask('eth_call', { to: TOKEN, data })).toBe(slotOf(24n))
  })

  it.each([CONSTANT, '0x'])('what is no token is refused and nothing changes: %s', async (code) => {
    const { ask, senders } = await start()
    await ask('anvil_setCode', TOKEN, code)
    const before = await ask('eth_getBlockByNumber', 'latest', false)
    await expect(ask('anvil_dealERC20', senders[0], TOKEN, 1)).rejects.toThrow('no slot of')
    expect(await ask('eth_getBlockByNumber', 'latest', false)).toEqual(before)
  })
})

describe('anvil_impersonateSignature', () => {
  const [r, s] = ['11'.repeat(32), '22'.repeat(32)]
  const input = `0x${'ab'.repeat(32)}${'1b'.padStart(64, '0')}${r}${s}`
  const recovered = (who: string): string => `0x${who.slice(2).padStart(64, '0')}`

  it('ecrecover names whom it is told to, in calls, blocks and traces', async () => {
    const { ask, senders } = await start()
    const ecrecover = `0x${'1'.padStart(40, '0')}`
    expect(await ask('eth_call', { to: ecrecover, data: input })).toBe('0x')
    // Anvil's way has both in one list; recovery ids stand for 27 and 28.
    expect(await ask('anvil_impersonateSignature', [`0x${r}${s}00`, senders[4]])).toBeNull()
    expect(await ask('eth_call', { to: ecrecover, data: input })).toBe(recovered(senders[4]!))
    await ask('anvil_impersonateSignature', `0x${r}${s}1b`, senders[5])
    expect(await ask('eth_call', { to: ecrecover, data: input })).toBe(recovered(senders[5]!))
    const copy = '0x80 0x00 0x00 CALLDATACOPY 0x20 0x80 0x80 0x00 0x01 GAS STATICCALL POP'
    await ask('anvil_setCode', TOKEN, bytesToHex(asm(`${copy} 0x80 MLOAD 0x00 SSTORE`)))
    const hash = await ask('eth_sendTransaction', { from: senders[0], to: TOKEN, data: input })
    expect(await ask('eth_getStorageAt', TOKEN, '0x0')).toBe(recovered(senders[5]!))
    const trace = await ask('debug_traceTransaction', hash, { tracer: 'callTracer' })
    expect(trace).toMatchObject({ calls: [{ output: recovered(senders[5]!) }] })
  })

  it('what is no signature is refused', async () => {
    const { ask, senders } = await start()
    const short = ask('anvil_impersonateSignature', '0x11', senders[0])
    await expect(short).rejects.toThrow('`signature`: expected 65 bytes: r, s and v')
  })
})

describe('limits of a developer', () => {
  const init = (bytes: number): string => `0x62${bytes.toString(16).padStart(6, '0')}5ff3`

  it('--code-size-limit: code of so many bytes, and no more', async () => {
    node = await createNode({ workers: 1, artefactDirs: [], codeSizeLimit: 30_000 })
    const from = node.accounts[0]!.address
    const create = (bytes: number): Promise<unknown> =>
      node!.request({ method: 'eth_call', params: [{ from, data: init(bytes) }] })
    expect(((await create(30_000)) as string).length).toBe(2 + 60_000)
    await expect(create(30_001)).rejects.toThrow('max code size exceeded')
  })

  it('--max-transactions: a block takes so many, the next one more', async () => {
    const limits = { maxBlockTransactions: 2, mining: { kind: 'manual' } } as const
    node = await createNode({ workers: 1, artefactDirs: [], ...limits })
    const ask = (method: string, ...params: unknown[]): Promise<unknown> =>
      node!.request({ method, params })
    const from = node.accounts[0]!.address
    for (let sent = 0; sent < 5; sent++) await ask('eth_sendTransaction', { from, to: from })
    expect(await ask('eth_getBlockByNumber', 'pending', false)).toMatchObject({
      transactions: { length: 2 },
    })
    await ask('evm_mine')
    await ask('evm_setAutomine', true)
    const sizes = (): Promise<unknown> =>
      Promise.all([1, 2, 3].map((at) => ask('eth_getBlockTransactionCountByNumber', `0x${at}`)))
    await expect.poll(sizes).toEqual(['0x2', '0x2', '0x1'])
  })

  it('--fund-accounts: ether from the start', async () => {
    const funded = new Map([[parseAddress(`0x${'7a'.repeat(20)}`), 12n]])
    node = await createNode({ workers: 1, artefactDirs: [], fundedAccounts: funded })
    const params = [`0x${'7a'.repeat(20)}`, 'earliest']
    expect(await node.request({ method: 'eth_getBalance', params })).toBe('0xc')
  })
})

describe('anvil_setChainId', () => {
  it('leaves mined blocks traceable, by the id they ran under', async () => {
    const { ask, senders } = await start()
    const code = bytesToHex(asm(`CHAINID ${RETURN_TOP}`))
    await ask('anvil_setCode', TOKEN, code)
    const hash = await ask('eth_sendTransaction', { from: senders[0], to: TOKEN })
    await ask('anvil_setChainId', 5)
    const traced = await ask<{ output: string }>('debug_traceTransaction', hash, {
      tracer: 'callTracer',
    })
    expect(traced.output).toBe(slotOf(31337n))
    expect(await ask('trace_filter', {})).toHaveLength(1)
    expect(await ask('parallel_diffExecution', 'latest')).toMatchObject({ equal: true })
    expect(await ask('eth_call', { to: TOKEN })).toBe(slotOf(5n))
  })
})

describe('anvil_reorg', () => {
  it('replaces blocks, with the transactions it is given', async () => {
    const { ask, senders } = await start()
    const [from, to] = senders
    const lost = await ask('eth_sendTransaction', { from, to, value: '0x1' })
    await ask('anvil_mine', 2)
    const old = await ask<{ hash: string }>('eth_getBlockByNumber', '0x2', false)
    const sent = { from, to, value: '0x2', nonce: '0x0' }
    expect(await ask('anvil_reorg', { depth: 3, tx_block_pairs: [[sent, 1]] })).toBeNull()
    expect(await ask('eth_blockNumber')).toBe('0x3')
    expect(await ask('eth_getTransactionReceipt', lost)).toBeNull()
    const block = await ask<{ hash: string; transactions: { value: string }[] }>(
      'eth_getBlockByNumber',
      '0x2',
      true,
    )
    expect(block.transactions).toMatchObject([{ value: '0x2', from }])
    expect(block.hash).not.toBe(old.hash)
  })

  it('makes other blocks, empty ones too', async () => {
    const { ask } = await start()
    await ask('anvil_mine', 3)
    const hashOf = async (number: string): Promise<string> =>
      (await ask<{ hash: string }>('eth_getBlockByNumber', number, false)).hash
    const seen = new Set([await hashOf('0x2'), await hashOf('0x3')])
    for (let times = 1; times <= 2; times++) {
      await ask('anvil_reorg', 2)
      seen.add(await hashOf('0x2')).add(await hashOf('0x3'))
    }
    expect(seen.size).toBe(6)
  })

  it('counts nonces from where the blocks begin', async () => {
    const { ask, senders } = await start()
    const [from, to] = senders
    await ask('eth_sendTransaction', { from, to, value: '0x1' })
    await ask('eth_sendTransaction', { from, to, value: '0x2' })
    const pairs = [3, 4, 5].map((value, at) => [{ from, to, value: `0x${value}` }, at > 1 ? 1 : 0])
    await ask('anvil_reorg', 2, pairs)
    const blocks = ['0x1', '0x2'].map((number) => ask('eth_getBlockByNumber', number, true))
    expect(await Promise.all(blocks)).toMatchObject([
      { transactions: [{ nonce: '0x0' }, { nonce: '0x1' }] },
      { transactions: [{ nonce: '0x2' }] },
    ])
  })

  it('refuses more blocks than there are, and blocks that it does not make', async () => {
    const { ask, senders } = await start()
    await ask('anvil_mine', 2)
    const head = await ask('eth_getBlockByNumber', 'latest', false)
    await expect(ask('anvil_reorg', { depth: 5 })).rejects.toThrow('fewer than 5 blocks')
    await expect(ask('anvil_reorg', 1, [['0x01', 0]])).rejects.toThrow('txBlockPairs[0][0]')
    await expect(ask('anvil_reorg', 1, [['0x01', 1]])).rejects.toThrow('txBlockPairs[0][1]')
    await expect(ask('anvil_reorg', 0)).rejects.toThrow('at least 1')
    const [from, to] = senders
    const late = [[{ from, to, nonce: '0x7' }, 0]]
    await expect(ask('anvil_reorg', 1, late)).rejects.toThrow('nonce 7')
    expect(await ask('eth_getBlockByNumber', 'latest', false)).toEqual(head)
  })
})

describe("where a transaction is, as Monad's pool says it", () => {
  it('tracked while it waits, queued too, and committed in a block', async () => {
    const { ask, senders } = await start('manual')
    const [from, to] = senders
    const next = await ask('eth_sendTransaction', { from, to })
    const later = await ask('eth_sendTransaction', { from, to, nonce: '0x5', gas: '0x5208' })
    expect(await ask('txpool_statusByHash', next)).toEqual({ status: 'tracked' })
    expect(await ask('txpool_statusByAddress', from)).toEqual({
      [String(next)]: { status: 'tracked' },
      [String(later)]: { status: 'tracked' },
    })
    await ask('evm_mine')
    expect(await ask('txpool_statusByHash', next)).toEqual({ status: 'committed' })
    expect(await ask('txpool_statusByHash', later)).toEqual({ status: 'tracked' })
    await expect(ask('txpool_statusByHash', slotOf(1n))).rejects.toThrow('Unknown tx hash')
    await expect(ask('txpool_statusByAddress', to)).rejects.toThrow('No transactions')
  })
})

describe('other ways to send', () => {
  it('eth_resend replaces what waits', async () => {
    const { ask, senders } = await start('manual')
    const [from, to] = senders
    const first = await ask('eth_sendTransaction', { from, to, value: '0x1' })
    const again = await ask('eth_resend', { from, nonce: '0x0' }, '0x174876e800')
    expect(again).not.toBe(first)
    await ask('evm_mine')
    expect(await ask('eth_getTransactionByHash', again)).toMatchObject({ value: '0x1', from })
    expect(await ask('eth_getTransactionReceipt', first)).toBeNull()
    await expect(ask('eth_resend', { from, nonce: '0x5' })).rejects.toThrow('not found')
  })

  it('a conditional transaction is sent only while its conditions hold', async () => {
    const { ask, senders } = await start()
    const raw = await ask<{ raw: string }>('eth_fillTransaction', {
      from: senders[0],
      to: senders[1],
    })
    const send = (condition: object) => ask('eth_sendRawTransactionConditional', raw.raw, condition)
    for (const condition of [
      { blockNumberMin: '0x5' },
      { timestampMax: '0x1' },
      { knownAccounts: { [TOKEN]: { '0x0': '0x1' } } },
    ]) {
      await expect(send(condition)).rejects.toMatchObject({ code: -32003 })
    }
    expect(await ask('eth_blockNumber')).toBe('0x0')
    const hash = await send({ blockNumberMax: '0x5', knownAccounts: { [TOKEN]: { '0x0': '0x0' } } })
    expect(await ask('eth_getTransactionReceipt', hash)).toMatchObject({ status: '0x1' })
  })
})

describe('what a node says of itself', () => {
  it('eth_capabilities names what is kept', async () => {
    const { ask } = await start()
    const all = { disabled: false, oldestBlock: '0x0' }
    const { hash } = await ask<{ hash: string }>('eth_getBlockByNumber', 'latest', false)
    expect(await ask('eth_capabilities')).toEqual({
      head: { number: '0x0', hash },
      state: all,
      tx: all,
      logs: all,
      receipts: all,
      blocks: all,
      stateproofs: all,
    })
  })

  it('erigon_forks, erigon_nodeInfo and debug_getAccessibleState', async () => {
    const { ask } = await start()
    await ask('anvil_mine', 3)
    const { hash } = await ask<{ hash: string }>('eth_getBlockByNumber', '0x0', false)
    expect(await ask('erigon_forks')).toEqual({ genesis: hash, heightForks: [], timeForks: [] })
    expect(await ask('erigon_nodeInfo')).toEqual([await ask('admin_nodeInfo')])
    expect(await ask('debug_getAccessibleState', '0x1', 'latest')).toBe(1)
    expect(await ask('debug_getAccessibleState', 'latest', '0x0')).toBe(3)
    const beyond = ask('debug_getAccessibleState', '0x9', '0x1')
    await expect(beyond).rejects.toThrow('header not found')
  })

  it("Geth's setters of a miner work", async () => {
    const { ask, senders } = await start()
    expect(await ask('miner_setGasLimit', '0x1000000')).toBe(true)
    await ask('dev_setFeeRecipient', senders[3])
    await ask('evm_mine')
    expect(await ask('eth_getBlockByNumber', 'latest', false)).toMatchObject({
      gasLimit: '0x1000000',
      miner: senders[3],
    })
    expect(await ask('anvil_getLastBlockWallTime')).toBeGreaterThan(1.7e12)
    expect(await ask('admin_peers')).toEqual([])
  })
})
