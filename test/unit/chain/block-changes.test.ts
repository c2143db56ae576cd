import { describe, expect, it } from 'vitest'
import { changesOf } from '../../../src/chain/block-changes.ts'
import type { DevChain } from '../../../src/chain/dev-chain.ts'
import { listAccesses } from '../../../src/chain/list-accesses.ts'
import { openChain } from '../../../src/chain/open-chain.ts'
import { reexecute } from '../../../src/chain/reexecute.ts'
import { loadEthereumjsEngine, loadWasmEngine } from '../../../src/evm/load.ts'
import { createInlineExecutor } from '../../../src/executor/inline.ts'
import { createSerialExecutor } from '../../../src/executor/serial.ts'
import type { ForkName } from '../../../src/model/fork.ts'
import { bytesToHex } from '../../../src/primitives/hex.ts'
import { EMPTY_CODE_HASH } from '../../../src/primitives/keccak.ts'
import { encodeBlockAccessList } from '../../../src/state/block-access-list.ts'
import { changesIn } from '../../../src/state/change-log.ts'
import { differencesBetween } from '../../../src/state/differences.ts'
import { locationKey } from '../../../src/state/location.ts'
import type { Version } from '../../../src/state/world.ts'
import type { Kv } from '../../../src/store/kv.ts'
import { createMemoryKv } from '../../../src/store/memory-kv.ts'
import { asm } from '../../contract/engine-world.ts'
import { devChain, genesisAt, send, transfer } from '../../support/dev-chain.ts'

const wasm = await loadWasmEngine()
const reference = await loadEthereumjsEngine()
const EXECUTORS = {
  'in order': { engine: wasm, executor: createSerialExecutor(wasm) },
  'on shared state': { engine: wasm, executor: createInlineExecutor(wasm, { fewest: 1 }) },
  'by the reference engine': { engine: reference, executor: createSerialExecutor(reference) },
}
type Name = keyof typeof EXECUTORS
const names = Object.keys(EXECUTORS) as Name[]

/** Puts the number at slot 0 into slot 1, and into slot 0 what it is called with; looks at slot 2 and at another account. */
const RUNTIME = asm(
  '0x00 SLOAD 0x01 SSTORE 0x00 CALLDATALOAD 0x00 SSTORE 0x02 SLOAD POP 0x77 BALANCE POP',
)
/** Sets the slots 0 and 3 and leaves the code above. */
const SIZE = `0x${RUNTIME.length.toString(16).padStart(2, '0')}`
const SKIP = `0x${(32 - RUNTIME.length).toString(16).padStart(2, '0')}`
const INIT = asm(
  `0x07 0x00 SSTORE 0x09 0x03 SSTORE ${bytesToHex(RUNTIME)} 0x00 MSTORE ${SIZE} ${SKIP} RETURN`,
)

const text = (value: bigint): Uint8Array =>
  Uint8Array.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex'))

interface Opened {
  readonly dev: DevChain
  readonly flush: () => Promise<void>
}

function open(kv: Kv, fork: ForkName, name: Name, keptStates?: number): Opened {
  const { executor } = EXECUTORS[name]
  const { chain, disk } = openChain(genesisAt(fork), executor, kv, { identity: 'test', keptStates })
  chain.recordings.limit = 1
  return { dev: devChain({ chain }), flush: () => disk.flush() }
}

/** A deployment, calls, credits of new and old accounts, of nothing too; each block has several of them. */
async function mineSome(dev: DevChain): Promise<void> {
  const created = transfer(0, 0n, { to: null, data: INIT, gasLimit: 300_000n, valueWei: 5n })
  send(dev, created, transfer(1, 0n), transfer(2, 0n, { valueWei: 0n }))
  await dev.mine()
  const { contractAddress } = dev.chain.head.receipts[0]!
  const to = contractAddress!
  const call = (from: number, nonce: bigint, value: bigint) =>
    transfer(from, nonce, { to, data: text(value), gasLimit: 200_000n, valueWei: 0n })
  send(
    dev,
    call(0, 1n, 8n),
    call(1, 1n, 7n),
    call(2, 1n, 0n),
    transfer(1, 2n, { to: dev.settings.coinbase }),
  )
  await dev.mine()
  send(dev, call(0, 2n, 0n), call(1, 3n, 3n))
  await dev.mine()
}

const both = (before: unknown, after: unknown) => ({ before, after })

/** What the tries say: by location, where it differs. */
function read(before: Version, after: Version): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>()
  for (const [address, { before: old, after: now, slots }] of differencesBetween(before, after)) {
    found.set(locationKey({ kind: 'life', address }), both(old !== undefined, now !== undefined))
    found.set(
      locationKey({ kind: 'balance', address }),
      both(old?.balanceWei ?? 0n, now?.balanceWei ?? 0n),
    )
    found.set(locationKey({ kind: 'nonce', address }), both(old?.nonce ?? 0n, now?.nonce ?? 0n))
    const codes = both(old?.codeHash ?? EMPTY_CODE_HASH, now?.codeHash ?? EMPTY_CODE_HASH)
    found.set(locationKey({ kind: 'code', address }), codes)
    for (const [key, values] of slots)
      found.set(locationKey({ kind: 'slot', address, key }), values)
  }
  return differing(found)
}

function differing(all: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
  return new Map(
    [...all].filter(
      ([, it]) => (it as { before: unknown }).before !== (it as { after: unknown }).after,
    ),
  )
}

describe.each(['london', 'cancun', 'osaka', 'amsterdam'] as const)('change sets of %s', (fork) => {
  it.each(names)(
    'lead from version to version as the tries say, with each step: %s',
    async (name) => {
      const { dev } = open(createMemoryKv(), fork, name)
      await mineSome(dev)
      const { history } = dev.chain
      for (const record of history.range(1n, 3n)) {
        expect(history.changesOf(record.block.header.number)).toBeDefined()
        const found = await changesOf(dev.chain, EXECUTORS[name].engine, record, (tx) =>
          dev.optionsOf(tx),
        )
        if (found.kind !== 'changes') throw new Error(found.kind)
        expect(found.log.steps).toHaveLength(record.block.transactions.length + 2)
        const net = new Map<string, { before: unknown; after: unknown }>()
        for (const { location, before, after } of changesIn(found.log)) {
          const key = locationKey(location)
          const known = net.get(key)
          // Each step begins with what the one before it left.
          if (known !== undefined) expect(known.after).toEqual(before)
          net.set(key, both(known?.before ?? before, after))
        }
        const parent = history.byHash(record.block.header.parentHash)!
        expect(differing(net)).toEqual(read(parent.version!, record.version!))
      }
    },
  )

  it.each(names.slice(0, 2))(
    'make the list that running the block makes, also after a restart without its state: %s',
    async (name) => {
      const kv = createMemoryKv()
      const { dev, flush } = open(kv, fork, name)
      const { engine } = EXECUTORS[name]
      await mineSome(dev)
      const lists: string[] = []
      for (const record of dev.chain.history.range(1n, 3n)) {
        const again = await reexecute(
          dev.chain,
          createSerialExecutor(engine),
          record,
          (tx) => dev.optionsOf(tx),
          {
            accessLists: 'everyFork',
          },
        )
        if (again.kind !== 'executed') throw new Error(again.kind)
        lists.push(bytesToHex(encodeBlockAccessList(again.executed.blockAccessList!)))
      }
      await flush()
      const reopened = open(kv, fork, name, 1).dev
      expect(reopened.chain.history.hasState(1n)).toBe(false)
      for (const [index, record] of [...reopened.chain.history.range(1n, 3n)].entries()) {
        const listed = await listAccesses(reopened.chain, engine, record, (tx) =>
          reopened.optionsOf(tx),
        )
        if (listed.kind !== 'listed') throw new Error(listed.kind)
        expect(bytesToHex(encodeBlockAccessList(listed.list))).toBe(lists[index])
      }
    },
  )
})

it('goes with its block', async () => {
  const { dev } = open(createMemoryKv(), 'osaka', 'in order')
  await mineSome(dev)
  await dev.rollback(2n)
  await dev.mine()
  expect(dev.chain.history.changesOf(1n)).toBeDefined()
  expect(dev.chain.history.changesOf(2n)).toBeUndefined()
})
