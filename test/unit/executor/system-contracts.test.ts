import { describe, expect, it } from 'vitest'

import type { GenesisAccount, GenesisAlloc } from '../../../src/state/world.ts'
import { predeploys } from '../../../src/chain/predeploys.ts'
import { loadWasmEngine } from '../../../src/evm/load.ts'
import { afterTransactions, beforeTransactions } from '../../../src/executor/protocol.ts'
import {
  BEACON_ROOTS_ADDRESS,
  CONSOLIDATION_REQUEST_ADDRESS,
  HISTORY_STORAGE_ADDRESS,
  WITHDRAWAL_REQUEST_ADDRESS,
} from '../../../src/executor/system-contracts.ts'
import { rulesAt } from '../../../src/model/fork.ts'
import { type Address, type Hash, type Slot, slotOf } from '../../../src/primitives/hex.ts'
import { CodeStore } from '../../../src/state/codes.ts'
import { Overlay } from '../../../src/state/overlay.ts'
import { applyChanges, versionFromGenesis, viewOf } from '../../../src/state/world.ts'
import { devChain } from '../../support/dev-chain.ts'

const engine = await loadWasmEngine()
const { chain } = devChain({ fork: 'prague' })

/** The protocol's contracts, with so much in their storage. */
function worldWith(storage: Readonly<Record<string, readonly (readonly [bigint, bigint])[]>>) {
  const codes = new CodeStore()
  const alloc: Map<Address, GenesisAccount> = new Map()
  for (const { address, code } of predeploys('prague', false)) {
    const words = new Map<Slot, bigint>()
    for (const [key, value] of storage[address] ?? []) words.set(slotOf(key), value)
    alloc.set(address, { balanceWei: 0n, nonce: 1n, code, storage: words })
  }
  return { version: versionFromGenesis(alloc satisfies GenesisAlloc, codes), codes }
}

/** The state after the protocol's own steps of a block without transactions, and what the contracts ask for. */
async function stepped(
  { version, codes }: ReturnType<typeof worldWith>,
  number: bigint,
  isHeard: boolean,
) {
  const { head, config } = chain
  const timestamp = 1_700_000_000n + number
  const beaconRoot = `0x${'be'.repeat(32)}` as Hash
  const header = { ...head.block.header, number, timestamp, parentBeaconBlockRoot: beaconRoot }
  const env = chain.env(header, rulesAt(config, number, timestamp), head)
  const block = { config, env, header, transactions: [], ommers: [], withdrawals: undefined }
  const working = new Overlay(viewOf(version, codes))
  let heard = 0
  const hear = isHeard ? () => void heard++ : undefined
  await beforeTransactions(header, env, engine, working, hear)
  const input = { ...block, stateId: version, onRejection: 'stop', protocol: 'full' } as const
  const requests = await afterTransactions(input, engine, working, { receipts: [] }, hear)
  return { requests, root: applyChanges(version, working.changes).stateRoot, heard }
}

describe('what the protocol’s contracts do when nobody runs them', () => {
  const words = (from: bigint) =>
    Array.from({ length: 40 }, (_, at) => [from + BigInt(at), 77n + BigInt(at)] as const)
  const worlds = {
    'of nothing yet': worldWith({}),
    'of rings with older words': worldWith({
      [BEACON_ROOTS_ADDRESS]: [...words(0n), ...words(8191n)],
      [HISTORY_STORAGE_ADDRESS]: words(0n),
    }),
    'of queues that hold requests': worldWith({
      [WITHDRAWAL_REQUEST_ADDRESS]: [[1n, 2n], [3n, 2n], ...words(4n)],
      [CONSOLIDATION_REQUEST_ADDRESS]: [[0n, 5n], [1n, 1n], [3n, 1n], ...words(4n)],
    }),
    'of queues not begun': worldWith({
      [WITHDRAWAL_REQUEST_ADDRESS]: [[0n, 2n ** 256n - 1n]],
      [CONSOLIDATION_REQUEST_ADDRESS]: [[0n, 2n ** 256n - 1n]],
    }),
  }
  it.each(Object.entries(worlds))('is what running them does: on a state %s', async (_, world) => {
    const number = 8_191n * 3n + 1n
    for (const at of [1n, 2n, number - 1n, number, number + 20n]) {
      const run = await stepped(world, at, true)
      expect(run.heard).toBe(4)
      expect(await stepped(world, at, false)).toEqual({ ...run, heard: 0 })
    }
  })
})
