import { describe, expect, it } from 'vitest'

import { Pool, orderTransactions } from '../../../src/chain/pool.ts'
import { GWEI, USERS, transfer } from '../../support/dev-chain.ts'

const noNonces = (): bigint => 0n

function pooled(...transactions: ReturnType<typeof transfer>[]): Pool {
  const pool = new Pool(100)
  for (const tx of transactions) expect(pool.add(tx).kind).toBe('added')
  return pool
}

describe('a pool', () => {
  it('keeps what waits for an earlier nonce apart', () => {
    const [first, second, fourth] = [transfer(0, 0n), transfer(0, 1n), transfer(0, 3n)]
    const split = pooled(fourth, second, first).split(noNonces, GWEI)
    expect(split.ready.map((run) => run.map(({ tx }) => tx))).toEqual([[first, second]])
    expect(split.queued.map(({ tx }) => tx)).toEqual([fourth])
  })

  it('counts the nonces that follow one another', () => {
    const pool = pooled(transfer(0, 4n), transfer(0, 5n), transfer(0, 7n))
    expect(pool.nextNonce(USERS[0]!, 4n)).toBe(6n)
    expect(pool.nextNonce(USERS[0]!, 0n)).toBe(0n)
    expect(pool.nextNonce(USERS[1]!, 9n)).toBe(9n)
  })

  it('counts them still when some are taken out and others come', () => {
    const [a, c] = [transfer(0, 0n), transfer(0, 2n)]
    const pool = pooled(a, transfer(0, 1n), c, transfer(0, 3n))
    expect(pool.nextNonce(USERS[0]!, 0n)).toBe(4n)
    pool.remove(c.hash)
    expect(pool.nextNonce(USERS[0]!, 0n)).toBe(2n)
    pool.remove(a.hash)
    expect(pool.nextNonce(USERS[0]!, 1n)).toBe(2n)
    expect(pool.nextNonce(USERS[0]!, 0n)).toBe(0n)
    pool.add(c)
    expect(pool.nextNonce(USERS[0]!, 1n)).toBe(4n)
    pool.add(a)
    expect(pool.nextNonce(USERS[0]!, 0n)).toBe(4n)
  })

  it('lets a run end where the fee cap is below the base fee', () => {
    const cheap = transfer(0, 1n, { maxFeePerGasWei: GWEI, maxPriorityFeePerGasWei: 0n })
    const split = pooled(transfer(0, 0n), cheap, transfer(0, 2n)).split(noNonces, 2n * GWEI)
    expect(split.ready[0]!.map(({ tx }) => tx.nonce)).toEqual([0n])
    expect(split.queued.map(({ tx }) => tx.nonce)).toEqual([1n, 2n])
  })

  it('replaces only for ten percent more of cap and tip', () => {
    const old = transfer(0, 0n)
    const pool = pooled(old)
    const fees = (cap: bigint, tip: bigint) =>
      transfer(0, 0n, { maxFeePerGasWei: cap, maxPriorityFeePerGasWei: tip })
    const neededFeeWei = 11n * GWEI
    expect(pool.add(fees(11n * GWEI - 1n, 2n * GWEI))).toEqual({
      kind: 'underpriced',
      neededFeeWei,
    })
    expect(pool.add(fees(20n * GWEI, GWEI))).toEqual({ kind: 'underpriced', neededFeeWei })
    const better = fees(11n * GWEI, (11n * GWEI) / 10n)
    expect(pool.add(better)).toEqual({ kind: 'added', replaced: old })
    expect(pool.get(old.hash)).toBeUndefined()
    expect(pool.all()).toEqual([better])
  })

  it('knows what it holds', () => {
    const tx = transfer(0, 0n)
    expect(pooled(tx).add(tx)).toEqual({ kind: 'alreadyKnown' })
  })

  it('is bounded, and full for new nonces only', () => {
    const pool = new Pool(1)
    expect(pool.add(transfer(0, 0n)).kind).toBe('added')
    expect(pool.add(transfer(0, 1n))).toEqual({ kind: 'full', limit: 1 })
    const better = transfer(0, 0n, {
      maxFeePerGasWei: 20n * GWEI,
      maxPriorityFeePerGasWei: 2n * GWEI,
    })
    expect(pool.add(better).kind).toBe('added')
  })

  it('gives up what was mined, whether that is all it holds or other transactions too', () => {
    const [a, b, c] = [transfer(0, 0n), transfer(1, 0n), transfer(0, 1n)]
    const rest = pooled(a, b, c)
    rest.removeAll([b, a, transfer(2, 0n)])
    expect(rest.all()).toEqual([c])
    expect(rest.holds(USERS[1]!)).toBe(false)
    const others = pooled(a, b)
    others.removeAll([c, a])
    expect(others.all()).toEqual([b])
    const { revision } = others
    others.removeAll([b])
    expect(others.size).toBe(0)
    expect(others.holds(USERS[1]!)).toBe(false)
    expect(others.revision).toBeGreaterThan(revision)
  })

  it('forgets what stands behind the account’s nonce', () => {
    const pool = pooled(transfer(0, 0n), transfer(0, 1n), transfer(0, 2n))
    pool.removeBelow(USERS[0]!, 2n)
    expect(pool.all().map((tx) => tx.nonce)).toEqual([2n])
  })
})

describe('the order of a block', () => {
  const tipped = (from: number, nonce: bigint, gwei: bigint) =>
    transfer(from, nonce, { maxPriorityFeePerGasWei: gwei * GWEI })
  const order = (by: 'fees' | 'fifo', ...transactions: ReturnType<typeof transfer>[]) =>
    orderTransactions(pooled(...transactions).split(noNonces, GWEI).ready, by, GWEI)

  it('by fees: the best tip first, nonces in turn, ties by arrival', () => {
    const [a0, a1, b0, b1, c0] = [
      tipped(0, 0n, 1n),
      tipped(0, 1n, 9n),
      tipped(1, 0n, 3n),
      tipped(1, 1n, 1n),
      tipped(2, 0n, 3n),
    ]
    expect(order('fees', a0, a1, b0, b1, c0)).toEqual([b0, c0, a0, a1, b1])
  })

  it('by arrival: as they came, nonces in turn', () => {
    const [a1, b0, a0] = [tipped(0, 1n, 9n), tipped(1, 0n, 1n), tipped(0, 0n, 1n)]
    expect(order('fifo', a1, b0, a0)).toEqual([b0, a0, a1])
  })

  it('counts what the fee cap leaves of a tip', () => {
    const capped = transfer(0, 0n, {
      maxFeePerGasWei: 2n * GWEI,
      maxPriorityFeePerGasWei: 2n * GWEI,
    })
    const plain = tipped(1, 0n, 2n)
    expect(order('fees', capped, plain)).toEqual([plain, capped])
  })

  it('holds for many senders', () => {
    const all = Array.from({ length: 40 }, (_, at) =>
      tipped(at % 4, BigInt(Math.floor(at / 4)), 1n),
    )
    expect(order('fees', ...all)).toEqual(all)
  })
})
