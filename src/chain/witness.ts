import type { Engine, ExecutionOptions } from '../evm/engine.ts'
import type { Executor } from '../executor/executor.ts'
import { createSerialExecutor } from '../executor/serial.ts'
import { encodeHeader } from '../model/codec/header.ts'
import type { Transaction } from '../model/transaction.ts'
import { invariant } from '../primitives/invariant.ts'
import { type Address, type Hash, type Slot, hexToBytes } from '../primitives/hex.ts'
import { EMPTY_CODE_HASH } from '../primitives/keccak.ts'
import type { StepAccess } from '../state/block-access-list.ts'
import { DistantVersion } from '../state/distant.ts'
import type { StateView } from '../state/view.ts'
import { witnessNodes } from '../state/witness.ts'
import { applyChanges } from '../state/world.ts'
import type { BlockRecord } from './block-record.ts'
import type { Chain } from './chain.ts'
import { type Reexecution, reexecute } from './reexecute.ts'

/** What it takes to execute a block and to check its state root, and nothing of the chain besides. */
interface Witness {
  readonly kind: 'witness'
  /** Nodes of the tries before the block, as RLP. */
  readonly state: readonly Uint8Array[]
  /** Codes of the accounts whose code was read. */
  readonly codes: readonly Uint8Array[]
  /** What the tries' keys are hashes of: addresses and slots. */
  readonly keys: readonly Uint8Array[]
  /** Headers as RLP, from the oldest that BLOCKHASH read to the parent's. */
  readonly headers: readonly Uint8Array[]
}

export type Witnessed =
  | Witness
  | Exclude<Reexecution, { kind: 'executed' }>
  /** The state before it lies on another chain in part. */
  | { readonly kind: 'distant' }

/** Executes a mined block once more, in order, and notes what that takes. */
export async function witnessOf(
  chain: Chain,
  engine: Engine,
  record: BlockRecord,
  optionsOf: (tx: Transaction) => ExecutionOptions,
): Promise<Witnessed> {
  const parent = chain.history.byHash(record.block.header.parentHash)
  if (parent?.version instanceof DistantVersion) return { kind: 'distant' }
  const noted = noting(createSerialExecutor(engine))
  const again = await reexecute(chain, noted.executor, record, optionsOf, {
    recorded: true,
    accessLists: 'everyFork',
  })
  if (again.kind !== 'executed') return again
  const { accesses, around, changes } = again.executed
  const steps = [...(around?.before ?? []), ...accesses, ...(around?.after ?? [])]
  const accessed = accessedBy(steps)
  const version = parent?.version
  invariant(version !== undefined, 'what was executed again has the state before it')
  return {
    kind: 'witness',
    state: witnessNodes(version, applyChanges(version, ...changes), accessed),
    codes: codesRead(steps, again.base),
    keys: [...accessed].flatMap(([address, slots]) => [address, ...slots].map(hexToBytes)),
    headers: headersSince(chain, record, noted.oldest()),
  }
}

/** An executor that notes how far back block hashes were asked for. */
function noting(inner: Executor): { readonly executor: Executor; oldest(): bigint | undefined } {
  let oldest: bigint | undefined
  return {
    oldest: () => oldest,
    executor: {
      name: inner.name,
      execute(input, base) {
        const blockHash = (number: bigint): Hash | undefined => {
          if (oldest === undefined || number < oldest) oldest = number
          return input.env.blockHash(number)
        }
        return inner.execute({ ...input, env: { ...input.env, blockHash } }, base)
      },
    },
  }
}

/** Everything that was touched, read or written. */
function accessedBy(steps: readonly StepAccess[]): Map<Address, Set<Slot>> {
  const accessed = new Map<Address, Set<Slot>>()
  const add = (address: Address, slots: Iterable<Slot> = []): void => {
    let known = accessed.get(address)
    if (known === undefined) accessed.set(address, (known = new Set()))
    for (const slot of slots) known.add(slot)
  }
  for (const { touched = new Map<Address, Set<Slot>>(), reads, writes } of steps) {
    for (const [address, slots] of touched) add(address, slots)
    for (const [address, { slots }] of reads) add(address, slots?.keys())
    for (const [address, { slots }] of writes.accounts) add(address, slots?.keys())
  }
  return accessed
}

function codesRead(steps: readonly StepAccess[], base: StateView): readonly Uint8Array[] {
  const hashes = new Set<Hash>()
  for (const { reads } of steps) {
    for (const [address, { codeHash }] of reads) {
      // A code that the block itself brought is in its transactions.
      const before = codeHash === undefined ? undefined : base.account(address)?.codeHash
      if (before !== undefined && before !== EMPTY_CODE_HASH) hashes.add(before)
    }
  }
  return Array.from(hashes, (hash) => base.code(hash))
}

function headersSince(
  { history }: Chain,
  { block }: BlockRecord,
  oldest: bigint | undefined,
): readonly Uint8Array[] {
  const headers: Uint8Array[] = []
  let ancestor = history.byHash(block.header.parentHash)
  while (ancestor !== undefined) {
    const { header } = ancestor.block
    headers.unshift(encodeHeader(header))
    if (oldest === undefined || header.number <= oldest) break
    ancestor = history.byHash(header.parentHash)
  }
  return headers
}
