import { describe, expect, it } from 'vitest'

import type { Executable, Switches } from '../../../src/evm/engine.ts'
import { encodeTransaction } from '../../../src/evm/wasm/encode.ts'
import { loadModule } from '../../../src/evm/wasm/instance.ts'
import { Machine } from '../../../src/evm/wasm/machine.ts'
import { serve } from '../../../src/evm/wasm/serve.ts'
import {
  DONE,
  MEMORY_EXHAUSTED,
  NEED,
  NEED_SLOT_VALUE,
  NEED_STATE,
  NEED_STORAGE_KNOWLEDGE,
  NEED_WAIT,
  OUT_OF_FUEL,
} from '../../../src/evm/wasm/status.ts'
import { bytesToHex } from '../../../src/primitives/hex.ts'
import { recordMemory, statusIn } from '../../../src/state/record.ts'
import { loadStateSource } from '../../support/state-source.ts'
import { SENDER, TestWorld, account, asm } from '../../contract/engine-world.ts'
import { loadWasmEngine } from '../../../src/evm/load.ts'
import { scenarioOf } from './differential/scenario.ts'
import { seedsFrom } from './differential/seeds.ts'

const engine = await loadWasmEngine()
const module = await loadModule('engine')
const source = await loadStateSource()
const FUEL = 1_000_000
const ENDLESS: Switches = { skipGasCap: true, skipBalance: true }
const runs = Number(process.env['FUZZ_RUNS'] ?? 300)
const first = Number(process.env['FUZZ_SEED'] ?? 1)

/** Answers everything from the world's view. @returns the record as hex, or the rejection */
async function runFromView(
  machine: Machine,
  world: TestWorld,
  tx: Executable,
  switches: Switches = {},
): Promise<string> {
  const encoded = encodeTransaction(tx, world.env, switches)
  if (!(encoded instanceof Uint8Array)) return encoded.kind
  machine.setBlock(world.env)
  machine.start(encoded)
  for (;;) {
    const state = machine.run(FUEL)
    if (state === DONE) return recordOf(machine)
    if (state === NEED) await serve(machine, world.view)
  }
}

function recordOf(machine: Machine): string {
  const bytes = new Uint8Array(machine.recordSize)
  machine.copyRecord(bytes, 0)
  return bytesToHex(bytes)
}

type Needs = Map<number, number>

/**
 * Accounts and slots go into the other instance when they are needed, and the machine finds them there; the rest is answered. With `isLate`
 * everything has to be waited for once.
 */
async function runFromSource(
  machine: Machine,
  world: TestWorld,
  tx: Executable,
  isLate: boolean,
  needs: Needs,
): Promise<string> {
  const encoded = encodeTransaction(tx, world.env)
  if (!(encoded instanceof Uint8Array)) return encoded.kind
  source.clear()
  machine.setBlock(world.env)
  machine.start(encoded)
  for (;;) {
    const state = machine.run(FUEL)
    if (state === DONE) return recordOf(machine)
    if (state !== NEED) continue
    needs.set(machine.need, (needs.get(machine.need) ?? 0) + 1)
    const { view } = world
    switch (machine.need) {
      case NEED_STATE:
        source.addAccount(view, machine.neededAddress, isLate, false)
        break
      case NEED_STORAGE_KNOWLEDGE:
        source.addAccount(view, machine.neededAddress, isLate)
        break
      case NEED_SLOT_VALUE:
        source.addSlot(view, machine.neededAddress, machine.neededKey, isLate)
        break
      case NEED_WAIT:
        source.settle()
        break
      default:
        await serve(machine, view)
    }
  }
}

describe('state that another instance finds', () => {
  it.each([
    ['at once', false],
    ['after a wait', true],
  ])(
    `gives the record that the host's answers give: %s, ${runs} seeds from ${first}`,
    {
      timeout: 10_000_000,
    },
    async (_, isLate) => {
      const hosted = new Machine(module)
      const sourced = new Machine(module, { state: source.functions })
      const needs: Needs = new Map()
      for await (const seed of seedsFrom(first, runs)) {
        const { fork, alloc, tx } = scenarioOf(seed)
        const world = new TestWorld(engine, alloc, fork)
        const wanted = await runFromView(hosted, world, tx)
        expect(await runFromSource(sourced, world, tx, isLate, needs), `seed ${seed}`).toBe(wanted)
      }
      expect(needs.has(NEED_STATE) && needs.has(NEED_SLOT_VALUE)).toBe(true)
      expect(needs.has(NEED_WAIT)).toBe(isLate)
    },
  )

  it('mixes with answers of the host', async () => {
    const code = asm('0x01 SLOAD 0x02 SSTORE')
    const world = new TestWorld(engine, { [account(2)]: { code } })
    const tx = world.transaction({})
    const machine = new Machine(module, { state: source.functions })
    source.clear()
    source.addAccount(world.view, SENDER, false)
    expect(await runFromView(machine, world, tx)).toBe(
      await runFromView(new Machine(module), world, tx),
    )
  })
})

describe('a machine', () => {
  it('goes on after it ran out of fuel, with the same record', async () => {
    const code = asm('0x05 JUMPDEST 0x01 0x00 SLOAD ADD DUP1 0x00 SSTORE 0x0a EQ')
    const loop = new TestWorld(engine, {
      [account(2)]: { code: Uint8Array.of(...code, 0x15, 0x60, 2, 0x57, 0) },
    })
    const tx = loop.transaction({})
    const machine = new Machine(module)
    const wanted = await runFromView(machine, loop, tx)
    machine.start(encodeTransaction(tx, loop.env) as Uint8Array)
    let pauses = 0
    for (;;) {
      const state = machine.run(0)
      if (state === DONE) break
      if (state === OUT_OF_FUEL) pauses++
      else await serve(machine, loop.view)
    }
    expect(pauses).toBeGreaterThan(0)
    expect(recordOf(machine)).toBe(wanted)
  })

  it('begins another transaction when one was left in the middle', async () => {
    const world = new TestWorld(engine, { [account(2)]: { code: asm('0x01 SLOAD') } })
    const tx = world.transaction({})
    const machine = new Machine(module)
    const wanted = await runFromView(machine, world, tx)
    machine.start(encodeTransaction(tx, world.env) as Uint8Array)
    expect(machine.run(FUEL)).toBe(NEED)
    expect(await runFromView(machine, world, tx)).toBe(wanted)
  })

  it('gives up an instance that has grown large, and has less than 16 MiB when idle', async () => {
    const code = asm('0x01 0x05000000 MSTORE')
    const world = new TestWorld(engine, { [account(2)]: { code } })
    const machine = new Machine(module)
    await runFromView(machine, world, world.transaction({ gasLimit: 2n ** 40n }), ENDLESS)
    expect(machine.isTooLarge).toBe(true)
    await runFromView(machine, world, world.transaction({ to: account(3) }))
    expect(machine.isTooLarge).toBe(false)
    expect(machine.instance.size).toBeLessThan(16 * 1024 * 1024)
  })

  it('keeps an instance of 64 MiB, and none that is larger', async () => {
    const limit = 64 * 1024 * 1024
    const grow = async (end: number): Promise<Machine> => {
      const code = asm(`0x01 0x${end.toString(16).padStart(8, '0')} MSTORE`)
      const world = new TestWorld(engine, { [account(2)]: { code } })
      const machine = new Machine(module)
      await runFromView(machine, world, world.transaction({ gasLimit: 2n ** 40n }), ENDLESS)
      return machine
    }
    const size = (await grow(0x3000000)).instance.size
    const exact = await grow(0x3000000 + limit - size)
    expect([exact.instance.size, exact.isTooLarge]).toEqual([limit, false])
    const larger = await grow(0x3000000 + limit - size + 65_536)
    expect([larger.instance.size, larger.isTooLarge]).toEqual([limit + 65_536, true])
    // Within a block: the one asks for its next transaction, of which there is none, the other for a new instance.
    expect(exact.instance.fn.runBlock(FUEL, 0)).toBe(DONE)
    expect(larger.instance.fn.runBlock(FUEL, 0)).toBe(OUT_OF_FUEL)
  })

  it('runs out of gas where the memory ends, on another instance', async () => {
    const code = asm('0x01 0xc0000000 MSTORE')
    const world = new TestWorld(engine, { [account(2)]: { code } })
    const machine = new Machine(module)
    await runFromView(machine, world, world.transaction({ gasLimit: 2n ** 62n }), ENDLESS)
    const buffer = new ArrayBuffer(machine.recordSize)
    machine.copyRecord(new Uint8Array(buffer), 0)
    expect(statusIn({ memory: recordMemory(buffer), at: 0 })).toBe(MEMORY_EXHAUSTED)
  })
})
