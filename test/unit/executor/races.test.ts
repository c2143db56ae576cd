import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { BASE_ARENA, BASE_NEXT, CODE_BYTES } from '../../../src/executor/lane/layout.ts'
import {
  SharedState,
  createSharedMemory,
  loadSharedState,
} from '../../../src/executor/lane/shared-state.ts'
import { type Address, type Hash, slotOf } from '../../../src/primitives/hex.ts'
import { EMPTY_CODE_HASH } from '../../../src/primitives/keccak.ts'
import { putAddress, putKey } from '../../../src/primitives/limbs.ts'
import * as layout from '../../../src/state/record-layout.ts'
import type { StateView } from '../../../src/state/view.ts'
import { recordOf } from './records.ts'

const ARENA = 16 * 1024 * 1024
const SIZES = { lanes: 3, arena: ARENA, base: 64 * 1024 * 1024 }
const MAIN = 2
/** What a thread does to one of its records after another, or at each of its looks. */
type Op = 'publish' | 'showCodes' | 'read' | 'take'
const EACH = 16
const LOOKS = 500
const EXPECTED = 7n
/** Bytes of a code for which a thread takes a piece of the base by itself. */
const LARGE = 5_000

/**
 * Does its op in every round, which begins for all threads at once. Before each of its records it waits until the other thread is at its own,
 * too. @see race
 */
const THREAD = `
  const { workerData } = require('node:worker_threads')
  const { module, memory, from, to, gate, lane, op, rounds, isMet } = workerData
  const { exports: fn } = new WebAssembly.Instance(module, { env: { memory } })
  fn.attach(from, to)
  const words = new Int32Array(gate)
  const look = () => {
    fn.at(1, 0)
    if (fn.slotHere() !== 1 || fn.word(0) !== ${EXPECTED}n) Atomics.add(words, 2, 1)
  }
  const meet = (other) => {
    const seen = Atomics.add(words, 3 + lane, 1) + 1
    while (other && Atomics.load(words, 4 - lane) < seen) {}
  }
  for (const [round, records] of rounds.entries()) {
    while (Atomics.load(words, 0) <= round) {}
    fn.enter()
    if (op === 'read') for (let i = 0; i < ${LOOKS}; i++) look()
    else if (op === 'take') for (let i = 0; i < ${LOOKS}; i++) {
      meet(isMet)
      fn.newCode(from, ${LARGE})
    }
    else records.forEach((record, i) => {
      meet(isMet)
      fn[op](record, 2 * i + lane)
    })
    Atomics.add(words, 1, 1)
    Atomics.notify(words, 1)
  }
`

const base: StateView = {
  account: () => ({ nonce: 1n, balanceWei: 1_000n, codeHash: EMPTY_CODE_HASH }),
  slot: () => 100n,
  code: () => new Uint8Array(0),
  hasStorage: () => false,
}
const addressOf = (n: number): Address => `0x${n.toString(16).padStart(40, '0')}` as Address

let module: WebAssembly.Module
let memory: WebAssembly.Memory
let main: SharedState
let threads: Worker[] = []
/** Bytes of records in the arena of this thread. */
let kept: number

beforeEach(async () => {
  module = await loadSharedState()
  memory = createSharedMemory(SIZES)
  main = new SharedState(module, memory, SIZES, MAIN)
  main.fn.beginEpoch()
  kept = 0
})
afterEach(async () => {
  await Promise.all(threads.map((it) => it.terminate()))
})

function arenaOf(lane: number): number {
  return BASE_ARENA + SIZES.base + lane * ARENA
}

function begin(): void {
  main.fn.beginBlock()
  main.enter()
  if (kept > 0) main.fn.allocate(kept)
}

/** A record that stays for all rounds. */
function keep(record: Uint8Array): number {
  kept += (record.length + 7) & ~7
  return main.keep(record)
}

/** @param work of two threads: what they do, and their records of each round @returns how many looks found something else */
async function race(
  work: readonly (readonly [Op, readonly (readonly number[])[]])[],
  check: (round: number) => void,
  prepare: (round: number) => void = () => undefined,
): Promise<number> {
  const gate = new SharedArrayBuffer(20)
  const words = new Int32Array(gate)
  threads = work.map(([op, rounds], lane) => {
    const from = arenaOf(lane)
    const isMet = work.every(([other]) => other === op)
    const workerData = { module, memory, from, to: from + ARENA, gate, lane, op, rounds, isMet }
    return new Worker(THREAD, { eval: true, workerData })
  })
  await Promise.all(threads.map((it) => once(it, 'online')))
  for (let round = 0; round < work[0]![1].length; round++) {
    begin()
    prepare(round)
    Atomics.store(words, 1, 0)
    Atomics.store(words, 0, round + 1)
    for (let ended = 0; ended < threads.length; ended = Atomics.load(words, 1)) {
      expect(Atomics.wait(words, 1, ended, 20_000), `round ${round}`).not.toBe('timed-out')
    }
    check(round)
  }
  return Atomics.load(words, 2)
}

describe('two threads at once', () => {
  it('put their versions of one account and its slots beside each other, though neither place was there', async () => {
    const rounds = 40
    const recordsOf = (lane: number): number[][] =>
      Array.from({ length: rounds }, (_, round) =>
        Array.from({ length: EACH }, (_each, i) => {
          const tx = 2 * i + lane
          const slots = [{ key: BigInt(i), written: BigInt(1_000 + tx) }]
          const nonces = [1n, BigInt(10 + tx)] as const
          const address = addressOf(0x1000 + round)
          return keep(recordOf([{ address, writes: layout.DID_NONCE, nonces, slots }]))
        }),
      )
    begin()
    const records = [recordsOf(0), recordsOf(1)]
    await race(
      [
        ['publish', records[0]!],
        ['publish', records[1]!],
      ],
      (round) => {
        const address = addressOf(0x1000 + round)
        main.fillAccount(address, base)
        const seen = Array.from({ length: 2 * EACH }, (_, tx) => {
          main.fn.at(tx + 1, 0)
          const account = main.account(address)
          const nonce = typeof account === 'object' ? account.nonce : account
          return [nonce, main.slot(address, slotOf(BigInt(tx >> 1)))]
        })
        expect(seen).toEqual(
          Array.from({ length: 2 * EACH }, (_, tx) => [BigInt(10 + tx), BigInt(1_000 + tx)]),
        )
      },
    )
  })

  it('show codes whose places are next to each other, each whole', async () => {
    const rounds = 25
    const hashOf = (n: number): Hash =>
      `0x${n.toString(16).padStart(56, '0').padStart(64, '0')}` as Hash
    const numberOf = (round: number, lane: number, i: number): number =>
      (round * EACH + i) * 2 + lane + 1
    const recordsOf = (lane: number): number[][] =>
      Array.from({ length: rounds }, (_, round) =>
        Array.from({ length: EACH / 2 }, (_each, i) => {
          const n = numberOf(round, lane, i)
          const record = Buffer.from(recordOf([], [new Uint8Array(LARGE).fill(n & 0xff)]))
          record.write(
            hashOf(n).slice(2),
            layout.RECORD_HEADER_SIZE + layout.RECORD_CODE_HASH,
            'hex',
          )
          return keep(record)
        }),
      )
    begin()
    const records = [recordsOf(0), recordsOf(1)]
    await race(
      [
        ['showCodes', records[0]!],
        ['showCodes', records[1]!],
      ],
      (round) => {
        for (let lane = 0; lane < 2; lane++) {
          for (let i = 0; i < EACH / 2; i++) {
            const n = numberOf(round, lane, i)
            const code = main.code(hashOf(n))
            expect(code?.every((byte) => byte === (n & 0xff))).toBe(true)
          }
        }
      },
    )
  })

  it('take memory, each its own', async () => {
    const rounds = Array.from({ length: 8 }, () => [])
    const next = (): number => main.memory.u32[BASE_NEXT >>> 2]!
    begin()
    const before = next()
    await race(
      [
        ['take', rounds],
        ['take', rounds],
      ],
      () => undefined,
    )
    expect(next() - before).toBe(rounds.length * 2 * LOOKS * (CODE_BYTES + LARGE))
  })

  it('one reads what was there while the other puts later versions before it', async () => {
    const rounds = 100
    const address = addressOf(0x2000)
    begin()
    const record = (value: bigint): number =>
      keep(recordOf([{ address, slots: [{ key: 1n, written: value }] }]))
    const earlier = record(EXPECTED)
    const later = Array.from({ length: 128 }, () => record(1_000n))
    putAddress(main.memory.u32, arenaOf(1) >>> 2, address)
    putKey(main.memory.u32, (arenaOf(1) + 24) >>> 2, slotOf(1n))
    const wrong = await race(
      [
        ['publish', Array.from({ length: rounds }, () => [earlier, ...later])],
        ['read', Array.from({ length: rounds }, () => [])],
      ],
      () => undefined,
      () => {
        main.fillSlot(address, slotOf(1n), base)
        expect(main.fn.publish(earlier, 0)).toBe(0)
      },
    )
    expect(wrong).toBe(0)
  })
})
