import type { NameBook } from '../../../analysis/names/name-book.ts'
import { volatileReads } from '../../../analysis/volatile-reads.ts'
import { beginningOf } from '../../../chain/rerun.ts'
import type { Address, Slot } from '../../../primitives/hex.ts'
import type { Asked } from '../../../rpc/profiler-port.ts'
import type { StateView } from '../../../state/view.ts'
import type { AccessSet } from '../../../state/access.ts'
import { type Location, locationKey } from '../../../state/location.ts'
import { type Ran, type Scene, declaredList, runWith } from './access-runs.ts'
import type { ProfilerParts, RecordedSubject } from './subject.ts'

/** An entry that a transaction uses in one situation and not in another. */
export interface Change {
  readonly entry: { readonly address: Address; readonly slot: Slot | undefined }
  readonly in: string
  readonly notIn: string
  /** `block.timestamp (Oracle.sol:22)`, or what it found to be another value. */
  readonly why: string
}

/** States before this block that are tried. */
const STATES_BACK = 3
const HOUR_S = 3600n

interface Situation {
  readonly name: string
  readonly scene: Scene
  /** Whether only the block is another, and the state is the same. */
  readonly isBlockOnly: boolean
}

const HERE = 'its place'

/** Runs the transaction at other places, on earlier states and in a later block, and tells which entries come and go, and why. */
export async function stabilityOf(
  parts: ProfilerParts,
  asked: Asked,
  scene: Scene,
  { recording, book }: RecordedSubject,
): Promise<readonly Change[]> {
  const list = declaredList(scene.tx)
  const here = await runWith(parts.engine, scene, list)
  if (here === undefined) return []
  const found = new Map<string, Change>()
  for (const { name, scene: other, isBlockOnly } of await situationsOf(parts, asked, scene)) {
    const there = await runWith(parts.engine, other, list)
    if (there === undefined) continue
    const why = isBlockOnly
      ? volatileReads(recording, book)
          .map(
            ({ name: read, lines }) => `${read}${lines.length > 0 ? ` (${lines.join(', ')})` : ''}`,
          )
          .join(', ')
      : (differenceOf(book, here.access, there.access) ?? 'another state')
    const [before, after] = [entriesOf(here), entriesOf(there)]
    for (const [key, entry] of before) {
      if (!after.has(key) && !found.has(key)) found.set(key, { entry, in: HERE, notIn: name, why })
    }
    for (const [key, entry] of after) {
      if (!before.has(key) && !found.has(key)) found.set(key, { entry, in: name, notIn: HERE, why })
    }
  }
  return [...found.values()]
}

async function situationsOf(
  { dev, engine }: ProfilerParts,
  asked: Asked,
  scene: Scene,
): Promise<readonly Situation[]> {
  const { chain } = dev
  const { header } = scene.env
  const later = {
    ...header,
    timestamp: header.timestamp + HOUR_S,
    number: header.number + 1n,
    mixHash: header.parentHash,
  }
  const situations: Situation[] = [
    {
      name: 'a block an hour later',
      scene: { ...scene, env: { ...scene.env, header: later } },
      isBlockOnly: true,
    },
  ]
  const switches = { ...scene.switches, skipNonce: true }
  const place = asked.kind === 'hash' ? chain.history.place(asked.hash) : undefined
  if (place !== undefined && place.index > 0) {
    const first = await beginningOf(chain, engine, place.record, 0, (tx) => dev.optionsOf(tx))
    if (first !== undefined) {
      const moved = { ...scene, view: first.view, switches }
      situations.push({ name: 'the first place in its block', scene: moved, isBlockOnly: false })
    }
  }
  for (let back = 1n; back <= STATES_BACK; back++) {
    const number = header.number - back - (place === undefined ? 0n : 1n)
    const version = number < 0n ? undefined : chain.history.byNumber(number)?.version
    if (version === undefined) break
    const view = chain.view(version)
    // Before it was deployed nothing can be said of what it uses.
    if (codeHashOf(view, scene.tx.to) !== codeHashOf(scene.view, scene.tx.to)) break
    const moved = { ...scene, view, switches }
    situations.push({ name: `the state after block ${number}`, scene: moved, isBlockOnly: false })
  }
  return situations
}

function codeHashOf(view: StateView, address: Address | null): string | undefined {
  return address === null ? undefined : view.account(address)?.codeHash
}

function entriesOf({ access }: Ran): ReadonlyMap<string, Change['entry']> {
  const entries = new Map<string, Change['entry']>()
  for (const [address, { slots }] of access.reads) {
    entries.set(address, { address, slot: undefined })
    for (const slot of slots?.keys() ?? []) entries.set(`${address}:${slot}`, { address, slot })
  }
  return entries
}

/** The first place that both read and found to be different. */
function differenceOf(book: NameBook, here: AccessSet, there: AccessSet): string | undefined {
  const values = new Map(valuesOf(there).map(([location, value]) => [locationKey(location), value]))
  for (const [location, value] of valuesOf(here)) {
    const other = values.get(locationKey(location))
    if (other === undefined || other === value) continue
    const { name } = book.nameOf(location)
    return typeof value === 'bigint'
      ? `${name} was ${String(other)}, not ${String(value)}`
      : `${name} was another`
  }
  return undefined
}

function valuesOf({ reads }: AccessSet): readonly (readonly [Location, bigint | string])[] {
  return [...reads].flatMap(([address, { slots, codeHash }]) => {
    const found: (readonly [Location, bigint | string])[] = []
    for (const [key, value] of slots ?? []) found.push([{ kind: 'slot', address, key }, value])
    if (codeHash !== undefined) found.push([{ kind: 'code', address }, codeHash])
    return found
  })
}
