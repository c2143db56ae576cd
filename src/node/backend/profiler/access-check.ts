import { accessListCosts } from '../../../analysis/access-list-cost.ts'
import type { NameBook } from '../../../analysis/names/name-book.ts'
import { type Beginning, beginningOf } from '../../../chain/rerun.ts'
import type { AccessList } from '../../../model/transaction.ts'
import type { Address, Slot } from '../../../primitives/hex.ts'
import type { Asked, Profile } from '../../../rpc/profiler-port.ts'
import { type Ran, type Scene, declaredList, runWith, usedList, warmIn } from './access-runs.ts'
import { stabilityOf } from './access-stability.ts'
import { Overlay } from '../../../state/overlay.ts'
import { callsOf } from './calls.ts'
import { type ProfilerParts, type RecordedSubject, stepsOf, targetOf } from './subject.ts'

/** An entry of a list: an account, or a slot of one. */
interface Entry {
  readonly address: Address
  readonly slot: Slot | undefined
}

const EMPTY_LIST: AccessList = []
const LISTED_ACCOUNT = 2400
const LISTED_SLOT = 1900

/** Declared against used, entry by entry, and what each list costs: measured by running the transaction with it. */
export async function checkList(
  parts: ProfilerParts,
  asked: Asked,
  recorded: RecordedSubject,
): Promise<Profile> {
  const scene = await sceneOf(parts, asked)
  if ('reason' in scene) return scene
  const { engine } = parts
  const declared = declaredList(scene.tx)
  const [transaction] = recorded.recording.transactions
  const isWarm = warmIn(scene)
  const warm = new Set([...transaction!.access.reads.keys()].filter((address) => isWarm(address)))
  const { bestList } = accessListCosts({ ...transaction!, declared }, warm)
  const withNone = await runWith(engine, scene, [])
  const withDeclared = await runWith(engine, scene, declared)
  const withBest = await runWith(engine, scene, bestList)
  if (withDeclared === undefined) {
    return { kind: 'refused', reason: 'the transaction cannot be in a block as it is' }
  }
  // One whose gas limit is too low for it is no candidate.
  const candidates = [
    { list: EMPTY_LIST, ran: withNone },
    { list: bestList, ran: withBest },
  ].filter((each): each is { list: AccessList; ran: Ran } => each.ran !== undefined)
  const [cheapest = { list: declared, ran: withDeclared }] = candidates.toSorted((a, b) =>
    Number(a.ran.gasUsed - b.ran.gasUsed),
  )
  const used = entriesUsed(withDeclared)
  const worthListing = usedList(withDeclared.access).filter(
    ({ address, storageKeys }) => storageKeys.length > 0 || !isWarm(address),
  )
  const name = (entry: Entry): object => nameEntry(recorded.book, entry)
  return {
    kind: 'shown',
    value: {
      subject: recorded.head,
      transaction: callsOf(recorded, parts)[0],
      declared,
      superfluous: superfluousOf(declared, used, isWarm).map(({ entry, why }) => ({
        ...name(entry),
        costs: entry.slot === undefined ? LISTED_ACCOUNT : LISTED_SLOT,
        why,
      })),
      missing: missingOf(cheapest.list, declared).map((entry) => ({ ...name(entry) })),
      undeclared: missingOf(worthListing, declared).length,
      used: worthListing,
      cheapest: cheapest.list,
      gas: {
        basis: 'measured',
        none: withNone === undefined ? null : Number(withNone.gasUsed),
        declared: Number(withDeclared.gasUsed),
        best: Number(cheapest.ran.gasUsed),
      },
      stability: (await stabilityOf(parts, asked, scene, recorded)).map((change) => ({
        ...name(change.entry),
        in: change.in,
        notIn: change.notIn,
        why: change.why,
      })),
    },
  }
}

/** Where the transaction runs: in its block after those before it, or on the state after a block. */
async function sceneOf(
  parts: ProfilerParts,
  asked: Asked,
): Promise<Scene | Exclude<Profile, { kind: 'shown' }>> {
  const { dev, engine } = parts
  if (asked.kind === 'call') {
    const at = { at: asked.at, stateOverrides: undefined, blockOverrides: undefined }
    const target = await targetOf(parts, at)
    if ('reason' in target) return target
    const steps = stepsOf(target, { setup: [], transactions: [asked.call] })
    if ('reason' in steps) return steps
    const [step] = steps
    const { env, view } = target
    return { tx: step!.txOn(new Overlay(view)), env, view, switches: step!.switches }
  }
  const { record, index } = dev.chain.history.place(asked.hash)!
  const beginning: Beginning | undefined = await beginningOf(
    dev.chain,
    engine,
    record,
    index,
    (tx) => dev.optionsOf(tx),
  )
  if (beginning === undefined) return { kind: 'missing', reason: 'the state it ran on is not kept' }
  const tx = record.block.transactions[index]!
  return { tx, ...beginning, switches: dev.optionsOf(tx).switches ?? {} }
}

function nameEntry(book: NameBook, { address, slot }: Entry): object {
  const name =
    slot === undefined
      ? book.labelOf(address)
      : book.nameOf({ kind: 'slot', address, key: slot }).name
  return { name, address, slot: slot ?? null }
}

type Used = ReadonlyMap<Address, ReadonlySet<Slot>>

function entriesUsed({ access }: Ran): Used {
  const used = new Map<Address, ReadonlySet<Slot>>()
  for (const [address, { slots }] of access.reads) used.set(address, new Set(slots?.keys()))
  return used
}

function superfluousOf(
  declared: AccessList,
  used: Used,
  isWarm: (address: Address) => boolean,
): readonly { readonly entry: Entry; readonly why: string }[] {
  const found: { readonly entry: Entry; readonly why: string }[] = []
  const seen = new Set<string>()
  for (const { address, storageKeys } of declared) {
    const slots = used.get(address)
    const account: Entry = { address, slot: undefined }
    const usesSlots = storageKeys.some((slot) => slots?.has(slot) === true)
    if (seen.has(address)) found.push({ entry: account, why: 'listed before' })
    else if (slots === undefined) found.push({ entry: account, why: 'not used' })
    else if (isWarm(address) && !usesSlots) found.push({ entry: account, why: 'warm anyway' })
    seen.add(address)
    for (const slot of storageKeys) {
      const key = `${address}:${slot}`
      if (seen.has(key)) found.push({ entry: { address, slot }, why: 'listed before' })
      else if (slots?.has(slot) !== true) found.push({ entry: { address, slot }, why: 'not used' })
      seen.add(key)
    }
  }
  return found
}

/** Entries of `wanted` that `declared` has not. */
function missingOf(wanted: AccessList, declared: AccessList): readonly Entry[] {
  const has = new Map(declared.map(({ address, storageKeys }) => [address, new Set(storageKeys)]))
  return wanted.flatMap(({ address, storageKeys }): readonly Entry[] => {
    const known = has.get(address)
    const slots = storageKeys.filter((slot) => known?.has(slot) !== true)
    const account: readonly Entry[] = known === undefined ? [{ address, slot: undefined }] : []
    return [...account, ...slots.map((slot): Entry => ({ address, slot }))]
  })
}
