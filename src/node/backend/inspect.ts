import { changesOf } from '../../chain/block-changes.ts'
import type { BlockRecord } from '../../chain/block-record.ts'
import type { DevChain } from '../../chain/dev-chain.ts'
import { type LocatedChange, historyOf } from '../../chain/location-history.ts'
import { rerunBlock } from '../../chain/rerun.ts'
import { witnessOf } from '../../chain/witness.ts'
import type { Engine } from '../../evm/engine.ts'
import { createFrameStory } from '../../evm/tracer/frame-story.ts'
import { rulesAt } from '../../model/fork.ts'
import { type Hash, hexToBytes } from '../../primitives/hex.ts'
import { EMPTY_CODE_HASH, keccakHash } from '../../primitives/keccak.ts'
import type { BlockRef } from '../../rpc/block-ref.ts'
import { serverError } from '../../rpc/error.ts'
import type {
  ChangedAccount,
  HistoryEntry,
  InspectPort,
  InspectedAccount,
  InspectedSlot,
  Page,
  StatePlace,
} from '../../rpc/inspect-port.ts'
import {
  type AccountChange,
  type Change,
  type Changed,
  changesOfAccount,
} from '../../state/change-log.ts'
import { differencesBetween } from '../../state/differences.ts'
import type { Overlay } from '../../state/overlay.ts'
import {
  type Version,
  accountLeaf,
  accountProof,
  accountsOf,
  applyChanges,
  slotsOf,
} from '../../state/world.ts'
import type { Explainer } from '../stack/explain.ts'
import type { Resolver } from './resolve.ts'
import { runMany } from './run-many.ts'
import type { TracerMaker } from './tracing.ts'

export interface InspectParts {
  readonly dev: DevChain
  readonly engine: Engine
  readonly resolver: Resolver
  readonly explainer: Explainer
  readonly tracerFor: TracerMaker
}

const UNKNOWN_BLOCK = { kind: 'unknownBlock' } as const
const NO_STATE = { kind: 'noState' } as const

type Found<T> =
  | { readonly kind: 'found'; readonly value: T }
  | typeof UNKNOWN_BLOCK
  | typeof NO_STATE

/** What `debug_*` reads beside traces. */
export function inspectPort({
  dev,
  engine,
  resolver,
  explainer,
  tracerFor,
}: InspectParts): InspectPort {
  const { chain } = dev

  /** The record of the block that `ref` names, and its state. */
  const versionAt = (
    ref: BlockRef,
  ): Found<{ readonly record: BlockRecord; readonly version: Version }> => {
    const record = resolver.mined(ref)
    if (record === undefined) return UNKNOWN_BLOCK
    const { version } = record
    return version === undefined ? NO_STATE : { kind: 'found', value: { record, version } }
  }

  /** The state of a place as a version that holds all of it. */
  const versionOf = async ({ block, before }: StatePlace): Promise<Found<Version>> => {
    const record = resolver.mined(block)
    if (record === undefined) return UNKNOWN_BLOCK
    if (before === undefined || record.block.transactions.length === 0) {
      return record.version === undefined ? NO_STATE : { kind: 'found', value: record.version }
    }
    const parent = chain.history.byHash(record.block.header.parentHash)
    if (parent?.version === undefined) return NO_STATE
    const state = await rerunTo(record, before)
    if (state === undefined) return NO_STATE
    return { kind: 'found', value: applyChanges(parent.version, state.changes) }
  }

  const rerunTo = (record: BlockRecord, before: number): Promise<Overlay | undefined> =>
    rerunBlock(
      chain,
      engine,
      record,
      before - 1,
      (tx) => dev.optionsOf(tx),
      () => undefined,
      () => undefined,
    )

  return {
    async runMany(steps, context) {
      const resolved = await resolver.resolve(context.at)
      if (resolved === undefined) return UNKNOWN_BLOCK
      const target = resolver.targetOf(resolved)
      if (target === undefined) return NO_STATE
      const { before } = context
      if (before === undefined || resolved.kind === 'pending') {
        return { kind: 'run', results: await runMany(engine, tracerFor, steps, target, context) }
      }
      const isFirst = resolved.record.block.header.number === firstNumber(dev)
      const view = isFirst ? target.view : await rerunTo(resolved.record, before)
      if (view === undefined) return NO_STATE
      return {
        kind: 'run',
        results: await runMany(engine, tracerFor, steps, { ...target, view }, context),
      }
    },
    async account(place, address) {
      const found = await versionOf(place)
      if (found.kind !== 'found') return found
      const account = chain.view(found.value).account(address)
      if (account === undefined) return { kind: 'account', account: undefined }
      const code = codeOf(dev, account.codeHash) ?? new Uint8Array(0)
      const addressHash = keccakHash(hexToBytes(address))
      return { kind: 'account', account: { ...account, address, addressHash, code } }
    },
    async slots(place, address, start, limit) {
      const found = await versionOf(place)
      if (found.kind !== 'found') return found
      const leaf = accountLeaf(found.value, address)
      const all: Iterable<InspectedSlot> = leaf === undefined ? [] : slotsOf(leaf)
      return pageOf(
        all,
        ({ keyHash }) => keyHash,
        start,
        limit,
        (slot) => slot,
      )
    },
    async accounts(block, start, limit) {
      const found = versionAt(block)
      if (found.kind !== 'found') return found
      const { version } = found.value
      return pageOf(
        accountsOf(version),
        ({ addressHash }) => addressHash,
        start,
        limit,
        ({ address, addressHash, leaf }): InspectedAccount => ({
          address,
          addressHash,
          ...leaf.account,
          storageRoot: accountProof(version, address, []).storageHash,
          code: codeOf(dev, leaf.account.codeHash) ?? new Uint8Array(0),
        }),
      )
    },
    async changedAccounts(from, to) {
      const [first, last] = [versionAt(from), versionAt(to)]
      if (first.kind !== 'found') return first
      if (last.kind !== 'found') return last
      const differences = differencesBetween(first.value.version, last.value.version)
      return { kind: 'changed', addresses: [...differences.keys()].sort() }
    },
    async changesOf(transaction) {
      const place = chain.history.place(transaction)
      if (place === undefined) return UNKNOWN_BLOCK
      const found = await changesOf(chain, engine, place.record, (tx) => dev.optionsOf(tx))
      if (found.kind !== 'changes') return found
      const step = found.log.steps[place.index + 1] ?? []
      const accounts = step.filter((change) => changesOfAccount(change, 0).length > 0)
      return { kind: 'changed', accounts: accounts.map((change) => shownChange(dev, change)) }
    },
    numberOf: (tag) => resolver.tagged(tag).block.header.number,
    async historyOf(location, from, to) {
      const wanted = { ...location, from, to }
      const found = await historyOf(chain, engine, wanted, (tx) => dev.optionsOf(tx))
      if (found.kind === 'unknown') return found
      return { kind: 'history', entries: found.changes.map(shownEntry) }
    },
    async intermediateRoots(block) {
      const record = resolver.mined(block)
      if (record === undefined) return UNKNOWN_BLOCK
      return rootsOf(dev, engine, record)
    },
    codeOf: (hash) => codeOf(dev, hash),
    async executionWitness(block) {
      if (block.kind === 'tag' && block.tag === 'pending') {
        throw serverError('the pending block has no witness: it is not executed for good')
      }
      const record = resolver.mined(block)
      if (record === undefined) return UNKNOWN_BLOCK
      const found = await witnessOf(chain, engine, record, (tx) => dev.optionsOf(tx))
      switch (found.kind) {
        case 'witness':
        case 'noState':
          return found
        case 'first':
          throw serverError('genesis has no witness: nothing is executed in it')
        case 'distant':
          throw serverError('there is no witness on a fork: only part of its state is here')
        case 'differs':
          throw serverError(`the block comes out otherwise than it did: ${found.detail}`)
      }
    },
    async explain(hash) {
      const place = chain.history.place(hash)
      if (place === undefined) return UNKNOWN_BLOCK
      const { record, index } = place
      const story = createFrameStory(true)
      const state = await rerunBlock(
        chain,
        engine,
        record,
        index,
        (tx) => dev.optionsOf(tx),
        (rerun) => (rerun.index === index ? story.observer : undefined),
        () => undefined,
      )
      if (state === undefined) return NO_STATE
      await explainer.load()
      const { header } = record.block
      const rules = rulesAt(chain.config, header.number, header.timestamp)
      const failure = await explainer.failure(story, state, rules)
      return { kind: 'explained', failure, calls: explainer.tree(story, state) }
    },
  }
}

async function rootsOf(
  dev: DevChain,
  engine: Engine,
  record: BlockRecord,
): Promise<{ readonly kind: 'roots'; readonly roots: readonly Hash[] } | typeof NO_STATE> {
  const parent = dev.chain.history.byHash(record.block.header.parentHash)
  if (parent === undefined) return { kind: 'roots', roots: [] }
  const { version } = parent
  if (version === undefined) return NO_STATE
  const roots: Hash[] = []
  const last = record.block.transactions.length - 1
  await rerunBlock(
    dev.chain,
    engine,
    record,
    last,
    (tx) => dev.optionsOf(tx),
    () => undefined,
    ({ view }, outcome) => {
      roots.push(applyChanges(version, view.changes, outcome.access.writes).stateRoot)
    },
  )
  return { kind: 'roots', roots }
}

function firstNumber({ chain }: DevChain): bigint {
  return chain.history.genesis.block.header.number
}

function shownChange(dev: DevChain, change: AccountChange): ChangedAccount {
  const { address, life, balanceWei, nonce, codeHash, slots } = change
  const bytesOf = (hash: Hash): Uint8Array => codeOf(dev, hash) ?? new Uint8Array(0)
  const code = differs(codeHash) && {
    before: bytesOf(codeHash.before),
    after: bytesOf(codeHash.after),
  }
  return {
    address,
    isDestroyed: life.before && !life.after,
    ...(differs(balanceWei) && { balanceWei }),
    ...(differs(nonce) && { nonce }),
    ...(code && { code }),
    slots: Array.from(slots, ([key, values]) => ({ key, ...values })).filter(differs),
  }
}

function shownEntry({ block, step, change }: LocatedChange): HistoryEntry {
  const tx = block.transactions[step - 1]
  return {
    block: block.header.number,
    blockHash: block.hash,
    step,
    transaction: tx && { index: step - 1, hash: tx.hash },
    change: change === 'wiped' ? { kind: 'wiped' } : shownLocation(change),
  }
}

const SHOWN = { life: 'exists', balance: 'balance', nonce: 'nonce', code: 'codeHash' } as const

function shownLocation({ location, before, after }: Change): HistoryEntry['change'] {
  const shown =
    location.kind === 'slot'
      ? { kind: 'slot', slot: location.key, before, after }
      : { kind: SHOWN[location.kind], before, after }
  // A location's kind says what its values are.
  return shown as HistoryEntry['change']
}

function differs<T>(field: Changed<T> | undefined): field is Changed<T> {
  return field !== undefined && field.before !== field.after
}

/** undefined when no account ever had it. */
function codeOf({ chain }: DevChain, hash: Hash): Uint8Array | undefined {
  if (hash === EMPTY_CODE_HASH) return new Uint8Array(0)
  try {
    return chain.codes.get(hash)
  } catch {
    return undefined
  }
}

function pageOf<Entry, Item>(
  entries: Iterable<Entry>,
  hashOf: (entry: Entry) => Hash,
  start: Hash,
  limit: number,
  show: (entry: Entry) => Item,
): Page<Item> {
  const items: Item[] = []
  for (const entry of entries) {
    const hash = hashOf(entry)
    if (hash < start) continue
    if (items.length === limit) return { kind: 'page', items, next: hash }
    items.push(show(entry))
  }
  return { kind: 'page', items, next: undefined }
}
