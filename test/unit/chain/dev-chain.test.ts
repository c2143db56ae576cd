import { describe, expect, it } from 'vitest'

import type { DevEvent } from '../../../src/chain/dev-event.ts'
import { impersonate } from '../../../src/model/signer.ts'
import { emptyChangeSet } from '../../../src/state/access.ts'
import {
  CHAIN_ID,
  ETHER,
  GENESIS_TIME,
  GWEI,
  USERS,
  devChain,
  send,
  signed,
  transfer,
  transferFields,
} from '../../support/dev-chain.ts'

const [ALICE, BOB, DAVE] = [USERS[0]!, USERS[1]!, USERS[3]!]

describe('submitting', () => {
  it('refuses what can never be mined, and pools nothing of it', () => {
    const dev = devChain()
    const kindOf = (tx: ReturnType<typeof transfer>): string => {
      const answer = dev.submit(tx)
      return answer.kind === 'rejected' ? answer.rejection.kind : answer.kind
    }
    expect(kindOf(transfer(0, 0n, { valueWei: 10_001n * ETHER }))).toBe('insufficientFunds')
    expect(kindOf(transfer(0, 0n, { gasLimit: 20_999n }))).toBe('intrinsicGasTooLow')
    expect(kindOf(transfer(0, 0n, { gasLimit: 30_000_001n }))).toBe('gasLimitAboveBlock')
    expect(kindOf(transfer(0, 0n, { chainId: 1n }))).toBe('wrongChainId')
    expect(kindOf(transfer(0, 0n, { maxFeePerGasWei: 1n, maxPriorityFeePerGasWei: 0n }))).toBe(
      'feeCapBelowBaseFee',
    )
    expect(
      kindOf(transfer(0, 0n, { maxFeePerGasWei: 2n * GWEI, maxPriorityFeePerGasWei: 3n * GWEI })),
    ).toBe('tipAboveFeeCap')
    expect(dev.pool.size).toBe(0)
  })

  it('refuses a nonce that is used, also of a transaction already mined', async () => {
    const dev = devChain()
    const tx = transfer(0, 0n)
    send(dev, tx)
    await dev.mine()
    expect(dev.submit(tx)).toEqual({ kind: 'alreadyKnown' })
    expect(dev.submit(transfer(0, 0n, { valueWei: 5n }))).toEqual({
      kind: 'rejected',
      rejection: { kind: 'nonceTooLow', sender: ALICE, expected: 1n, got: 0n },
    })
  })

  it('keeps a nonce ahead of the account’s until the gap closes', async () => {
    const dev = devChain()
    send(dev, transfer(0, 1n))
    await dev.mineReady()
    expect(dev.chain.head.block.header.number).toBe(0n)
    send(dev, transfer(0, 0n))
    await dev.mineReady()
    expect(dev.chain.head.block.transactions.map((tx) => tx.nonce)).toEqual([0n, 1n])
    expect(dev.pool.size).toBe(0)
  })

  it('enforces EIP-7825 only when asked to', () => {
    const tall = transfer(0, 0n, { gasLimit: 16_777_217n })
    expect(devChain().submit(tall).kind).toBe('accepted')
    const strict = devChain({ rules: { enforceTxGasCap: true } }).submit(tall)
    expect(strict).toMatchObject({ rejection: { kind: 'gasLimitAboveCap', capGas: 16_777_216n } })
  })
})

describe('mining', () => {
  it('fills blocks up to the gas limit and leaves the rest for the next', async () => {
    const dev = devChain()
    dev.settings = { ...dev.settings, gasLimit: 50_000n }
    send(dev, transfer(0, 0n), transfer(0, 1n), transfer(0, 2n))
    await dev.mine()
    expect(dev.chain.head.block.transactions).toHaveLength(2)
    await dev.mineReady()
    expect(dev.chain.head.block.transactions).toHaveLength(1)
    expect(dev.chain.head.block.header.number).toBe(2n)
  })

  it('drops what became impossible while it waited, and says so', async () => {
    const dev = devChain()
    const events: DevEvent[] = []
    dev.listen((event) => events.push(event))
    const poor = transfer(0, 0n, { valueWei: 9_000n * ETHER })
    send(dev, poor)
    await dev.change((view) => {
      const changes = emptyChangeSet()
      expect(view.account(ALICE)?.balanceWei).toBe(10_000n * ETHER)
      changes.accounts.set(ALICE, { balanceWei: 1n })
      return changes
    })
    await dev.mineReady()
    expect(dev.pool.size).toBe(0)
    expect(dev.chain.head.block.header.number).toBe(0n)
    expect(events.find((event) => event.kind === 'dropped')).toMatchObject({
      tx: poor,
      rejection: { kind: 'insufficientFunds' },
    })
  })

  it('one caller after another, when many ask at once', async () => {
    const dev = devChain()
    send(dev, transfer(0, 0n), transfer(1, 0n))
    const blocks = await Promise.all([dev.mine(), dev.mine(), dev.mine()])
    expect(blocks.map((block) => block.header.number)).toEqual([1n, 2n, 3n])
    expect(blocks.map((block) => block.transactions.length)).toEqual([2, 0, 0])
    expect(blocks[2]!.header.timestamp).toBeGreaterThan(blocks[1]!.header.timestamp)
  })

  it('takes an impersonated sender that has code and no key', async () => {
    const dev = devChain()
    const contract = USERS[2]!
    await dev.change(() => {
      const changes = emptyChangeSet()
      const codeHash = `0x${'11'.repeat(32)}` as never
      changes.codes.set(codeHash, Uint8Array.of(0))
      changes.accounts.set(contract, { codeHash, balanceWei: ETHER })
      return changes
    })
    send(dev, impersonate(transferFields(0n, { valueWei: 7n }), contract))
    await dev.mineReady()
    expect(dev.chain.head.receipts[0]!.outcome.success).toBe(true)
    expect(dev.view.account(DAVE)?.balanceWei).toBe(10_000n * ETHER + 7n)
  })

  it('pays the base fee to nobody and the tip to the beneficiary', async () => {
    const dev = devChain()
    const coinbase = `0x${'c0'.repeat(20)}` as typeof ALICE
    dev.settings = { ...dev.settings, coinbase }
    send(dev, transfer(0, 0n))
    const { header } = await dev.mine()
    expect(dev.view.account(coinbase)?.balanceWei).toBe(21_000n * GWEI)
    const paid = 10_000n * ETHER - dev.view.account(ALICE)!.balanceWei
    expect(paid).toBe(1n + 21_000n * (header.baseFeePerGasWei! + GWEI))
  })
})

describe('the pending block', () => {
  it('holds what waits, and changes nothing', async () => {
    const dev = devChain()
    send(dev, transfer(0, 0n))
    const { record } = await dev.pending()
    expect(record.block.transactions).toHaveLength(1)
    expect(record.block.header.number).toBe(1n)
    expect(dev.pool.size).toBe(1)
    expect(dev.chain.head.block.header.number).toBe(0n)
  })

  it('is computed once until head or pool change', async () => {
    const dev = devChain()
    const first = await dev.pending()
    expect(await dev.pending()).toBe(first)
    send(dev, transfer(0, 0n))
    expect(await dev.pending()).not.toBe(first)
  })
})

describe('a snapshot', () => {
  it('brings back state, pool, clock, fees and impersonation, once', async () => {
    const dev = devChain()
    send(dev, transfer(0, 0n))
    await dev.mine()
    const waiting = transfer(1, 0n)
    send(dev, waiting)
    dev.clock.increase(50n)
    dev.settings = { ...dev.settings, nextBaseFeeWei: 3n * GWEI, impersonated: new Set([DAVE]) }
    const before = { head: dev.chain.head.block.hash, root: dev.chain.head.version.stateRoot }
    const id = await dev.snapshot()

    await dev.mine()
    await dev.mine()
    dev.clock.increase(1_000n)
    dev.settings = { ...dev.settings, impersonated: new Set(), coinbase: BOB }
    expect(await dev.revert(id)).toBe(true)

    expect(dev.chain.head.block.hash).toBe(before.head)
    expect(dev.chain.head.version.stateRoot).toBe(before.root)
    expect(dev.pool.all()).toEqual([waiting])
    expect(dev.clock.state.offset).toBe(50n)
    expect(dev.nextBaseFeeWei()).toBe(3n * GWEI)
    expect(dev.isImpersonated(DAVE)).toBe(true)
    expect(dev.settings.coinbase).not.toBe(BOB)
    expect(await dev.revert(id)).toBe(false)
  })

  it('uses up later snapshots too, and ids are never given again', async () => {
    const dev = devChain()
    const first = await dev.snapshot()
    const second = await dev.snapshot()
    expect(await dev.revert(first)).toBe(true)
    expect(await dev.revert(second)).toBe(false)
    expect(await dev.snapshot()).toBe(second + 1n)
  })

  it('brings back a cheat made on the head', async () => {
    const dev = devChain()
    const id = await dev.snapshot()
    await dev.change(() => {
      const changes = emptyChangeSet()
      changes.accounts.set(ALICE, { balanceWei: 5n })
      return changes
    })
    expect(dev.view.account(ALICE)?.balanceWei).toBe(5n)
    await dev.revert(id)
    expect(dev.view.account(ALICE)?.balanceWei).toBe(10_000n * ETHER)
  })

  it('tells which blocks were taken back, oldest first', async () => {
    const dev = devChain()
    const removed: bigint[] = []
    dev.listen((event) => {
      if (event.kind !== 'removed') return
      removed.push(...event.records.map((record) => record.block.header.number))
    })
    const id = await dev.snapshot()
    await dev.mine()
    await dev.mine()
    await dev.revert(id)
    expect(removed).toEqual([1n, 2n])
  })
})

describe('a rollback and a reset', () => {
  it('take blocks back with their transactions', async () => {
    const dev = devChain()
    const tx = transfer(0, 0n)
    send(dev, tx)
    await dev.mine()
    expect(await dev.rollback(2n)).toBe('tooFew')
    expect(await dev.rollback(1n)).toBe('done')
    expect(dev.chain.history.place(tx.hash)).toBeUndefined()
    expect(dev.view.account(ALICE)?.nonce).toBe(0n)
    send(dev, tx)
  })

  it('lead to the genesis, cheats on it undone', async () => {
    const dev = devChain()
    const root = dev.chain.head.version.stateRoot
    await dev.change(() => {
      const changes = emptyChangeSet()
      changes.accounts.set(BOB, { nonce: 9n })
      return changes
    })
    await dev.mine()
    await dev.reset()
    expect(dev.chain.head.block.header.number).toBe(0n)
    expect(dev.chain.head.version.stateRoot).toBe(root)
    expect(dev.clock.peek(GENESIS_TIME)).toBe(GENESIS_TIME + 1n)
  })
})

it('mines every type of transaction of its fork', async () => {
  const dev = devChain()
  const common = {
    gasLimit: 100_000n,
    to: DAVE,
    valueWei: 1n,
    data: new Uint8Array(0),
    chainId: CHAIN_ID,
  }
  const fees = { maxFeePerGasWei: 10n * GWEI, maxPriorityFeePerGasWei: GWEI, accessList: [] }
  send(
    dev,
    signed(0, { ...common, type: 0, nonce: 0n, gasPriceWei: 2n * GWEI }),
    signed(0, { ...common, type: 0, chainId: undefined, nonce: 1n, gasPriceWei: 2n * GWEI }),
    signed(0, { ...common, type: 1, nonce: 2n, gasPriceWei: 2n * GWEI, accessList: [] }),
    signed(0, { ...common, ...fees, type: 2, nonce: 3n }),
  )
  const block = await dev.mine()
  expect(block.transactions.map((tx) => tx.type)).toEqual([0, 0, 1, 2])
  expect(dev.chain.head.receipts.every((receipt) => receipt.outcome.success)).toBe(true)
})
