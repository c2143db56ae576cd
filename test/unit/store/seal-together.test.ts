import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { readWasm } from '../../../src/primitives/wasm-file.ts'
import { type Address, type Hash, slotOf } from '../../../src/primitives/hex.ts'
import type { ChangeSet } from '../../../src/state/access.ts'
import { type Version, applyChanges, emptyWorld, viewOf } from '../../../src/state/world.ts'
import { NODE_REF, NODE_REF_SIZE } from '../../../src/store/node-layout.ts'
import { type SealTask, SharedPass } from '../../../src/store/seal-together.ts'
import { SubtrieBoard } from '../../../src/store/subtrie-board.ts'
import { type Balances, moved, moves, oracleRoot } from '../state/world-model.ts'

const noCode = { get: () => new Uint8Array(0) }
const PATIENCE_MS = 1

/** Another thread that takes so many subtries, writes into the first node of each as one that is halfway does, and never ends. */
function stuckThread(takes: number) {
  const scribbles: (() => void)[] = []
  const call = ({ nodes, board: memory }: SealTask): boolean => {
    const board = new SubtrieBoard(memory)
    for (let i = 0; i < takes; i++) {
      const number = board.take()
      if (number === undefined) break
      const view = new DataView(nodes.buffer)
      const node = view.getUint32(board.subtrie(number).place, true)
      scribbles.push(() => {
        view.setUint8(node + NODE_REF_SIZE, 32)
        for (let at = 0; at < 32; at += 4) view.setUint32(node + NODE_REF + at, 0xdeadbeef)
      })
      scribbles.at(-1)!()
    }
    return true
  }
  return { call, scribble: () => scribbles.forEach((it) => it()) }
}

function passOver(version: Version, call: (task: SealTask) => boolean): number | undefined {
  const { arena } = version
  return new SharedPass(arena.fn, arena.memory, PATIENCE_MS).seal(version.root, call, 1)
}

/** One contract with so many slots, and accounts beside it. */
function contractWith(slots: number, accounts: number): ChangeSet {
  const words = Array.from({ length: slots }, (_, i) => [slotOf(BigInt(i)), BigInt(i + 1)] as const)
  const addressOf = (i: number) => `0x${(i + 1).toString(16).padStart(40, '0')}` as Address
  return {
    accounts: new Map(
      Array.from({ length: accounts }, (_, i) => [
        addressOf(i),
        { life: 'created' as const, balanceWei: 1n, ...(i === 0 && { slots: new Map(words) }) },
      ]),
    ),
    codes: new Map(),
  }
}

function rootAlone(...changes: ChangeSet[]): Hash {
  return changes.reduce((version, it) => applyChanges(version, it), emptyWorld()).stateRoot
}

describe('a pass that others are called to', () => {
  it('gives the root of @ethereumjs/mpt, whatever they take and never end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(moves, fc.nat(5)), { minLength: 1, maxLength: 6 }),
        async (rounds) => {
          let version = emptyWorld()
          let world: Balances = new Map()
          const threads: ReturnType<typeof stuckThread>[] = []
          for (const [list, takes] of rounds) {
            const { after, changes } = moved(world, list)
            version = applyChanges(version, changes)
            world = after
            const thread = stuckThread(takes)
            threads.push(thread)
            if (version.root !== 0) passOver(version, thread.call)
            for (const it of threads) it.scribble()
            expect(version.stateRoot).toBe(await oracleRoot(world))
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('hashes a large storage trie by its first nibble before the accounts', () => {
    const changes = contractWith(2_000, 100)
    const version = applyChanges(emptyWorld(), changes)
    let put: SubtrieBoard | undefined
    passOver(version, ({ board }) => {
      put = new SubtrieBoard(board)
      return true
    })
    const { arena } = version
    // Sixteen of the storage, and those of the accounts: all were taken.
    const entries = Array.from({ length: 32 }, (_, number) => put!.subtrie(number))
    expect(entries.slice(0, 16).map(({ at }) => at)).toEqual(Array(16).fill(1))
    expect(new Set(entries.map(({ place }) => place)).size).toBe(32)
    for (const { place } of entries) {
      arena.refresh()
      expect(arena.u8[arena.u32(place) + NODE_REF_SIZE]).toBe(32)
    }
    expect(version.stateRoot).toBe(rootAlone(changes))
  })

  it('is not disturbed by one that was late, neither in what grows nor in what goes', async () => {
    const first = contractWith(2_000, 300)
    let version = applyChanges(emptyWorld(), first)
    const thread = stuckThread(7)
    expect(passOver(version, thread.call)).toBeUndefined()
    const before = version
    const second = contractWith(500, 400)
    for (const { slots } of second.accounts.values()) slots?.set(slotOf(3n), 77n)
    version = applyChanges(version, second)
    thread.scribble()
    expect(version.stateRoot).toBe(rootAlone(first, second))
    expect(before.stateRoot).toBe(rootAlone(first))
    before.release()
    await new Promise((resolve) => setTimeout(resolve, 20))
    thread.scribble()
    const view = viewOf(version, noCode)
    const contract = [...first.accounts.keys()][0]!
    expect(view.slot(contract, slotOf(3n))).toBe(77n)
    expect(view.slot(contract, slotOf(1_999n))).toBe(2_000n)
    const third = contractWith(50, 10)
    version = applyChanges(version, third)
    expect(version.stateRoot).toBe(rootAlone(first, second, third))
  })

  it('calls nobody for what another version that is not hashed has too', () => {
    const base = applyChanges(emptyWorld(), contractWith(2_000, 300))
    const grown = applyChanges(base, contractWith(0, 400))
    let isCalled = false
    const call = (): boolean => (isCalled = true)
    passOver(grown, call)
    expect(isCalled).toBe(false)
    expect(grown.stateRoot).toBe(rootAlone(contractWith(2_000, 300), contractWith(0, 400)))
    expect(base.stateRoot).toBe(rootAlone(contractWith(2_000, 300)))
  })

  it('has data of its own below those of the store', () => {
    const { arena } = emptyWorld()
    const sealer = new WebAssembly.Module(readWasm('sealer'))
    const { exports } = new WebAssembly.Instance(sealer, { env: { memory: arena.memory } })
    const { fn } = arena
    const stores = [fn.batchAt(), fn.keyAt(), fn.outAt(), fn.recordAt(), fn.subtriesAt()]
    const { end } = exports as unknown as { readonly end: () => number }
    expect(end()).toBeLessThanOrEqual(Math.min(...stores))
  })

  it('does all itself when nobody is free', () => {
    const version = applyChanges(emptyWorld(), contractWith(2_000, 300))
    expect(passOver(version, () => false)).toBe(0)
    expect(version.stateRoot).toBe(rootAlone(contractWith(2_000, 300)))
  })
})
