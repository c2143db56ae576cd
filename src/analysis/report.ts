import { type Slices, atOnce } from '../primitives/slices.ts'
import { type Location, locationKey } from '../state/location.ts'
import { type CurvePoint, curveInSlices, ratio, speedupBound, totalCost } from './bounds.ts'
import { commutativeUse } from './commutativity.ts'
import { type PathStep, criticalCost, criticalPath } from './critical-path.ts'
import { COUNTED, type DependencyGraph, EDGE_KINDS, type EdgeKind } from './graph.ts'
import { type GraphShape, shapeOfGraph } from './graph-shape.ts'
import { type HotLocation, rankInSlices } from './hot-locations.ts'
import type { Recording } from './input.ts'
import {
  type LocationName,
  type NameBook,
  type Refusal,
  changedFields,
  nameOfFields,
} from './names/name-book.ts'
import type { Field } from './names/slot-names.ts'
import type { Touch } from './touches.ts'
import { type VariableOwnership, ownershipByVariable } from './ownership.ts'
import { packedUse } from './packed.ts'
import { CURES, type Pattern, patternOf } from './pattern.ts'
import { type VolatileUse, volatileReads } from './volatile-reads.ts'
import { type ShownSite, indexSites, showSite } from './why.ts'

/** How a number came about: `measured` by a clock or a gas meter, or `modelled` from the recorded accesses. */
type Basis = 'measured' | 'modelled'

/** The question in numbers, ready for JSON. Bounds are how many times faster than serially, with a core for each transaction. */
export interface Report {
  readonly transactions: number
  readonly serialGas: number
  readonly serialMs: number | undefined
  readonly basis: Readonly<
    Record<'serialGas' | 'serialMs' | 'dependencies' | 'bound' | 'curve' | 'fixFirst', Basis>
  >
  /** Neither chains of nonces nor fees count. `byMs` is undefined when nothing was timed. */
  readonly bound: { readonly byGas: number; readonly byMs: number | undefined }
  readonly criticalPath: {
    readonly gas: number
    readonly ms: number | undefined
    readonly byGas: readonly ShownStep[]
  }
  readonly curve: readonly CurvePoint[]
  readonly shape: GraphShape
  readonly edges: Readonly<Record<EdgeKind, number>>
  readonly fixFirst: readonly FixFirst[]
  readonly notCounted: Readonly<Record<'senderNonce' | 'fee', NotCounted>>
  readonly volatile: readonly VolatileUse[]
  readonly ownership: readonly VariableOwnership[]
  readonly coverage: Coverage
}

interface ShownStep {
  readonly tx: number
  /** What it waited for; undefined for the first of the path. */
  readonly location: Location | undefined
  readonly name: string | undefined
}

export interface FixFirst {
  readonly location: Location
  readonly name: string
  readonly nameBy: LocationName['by']
  /** Others with the very same dependencies: curing one without them gains nothing. */
  readonly together: readonly { readonly location: Location; readonly name: string }[]
  readonly readers: number
  readonly writers: number
  readonly edges: number
  /** Gas of the transactions that wait for another because of it. */
  readonly gasBehind: number
  /** Of the block's gas, how much is of transactions that write it: what a lock on it takes. */
  readonly gasShare: number
  readonly boundWithout: number
  /** Without this and all that stand before it. */
  readonly boundWithoutUpTo: number
  readonly pattern: Pattern
  readonly cure: string
  /** Transactions that only add to it; `boundAsDelta` is the bound if the order of additions did not matter, there and to `together`. */
  readonly commutative:
    | {
        readonly evidence: 'dataflow' | 'values'
        readonly guarded: boolean
        readonly adders: number
        readonly others: number
        readonly boundAsDelta: number
      }
    | undefined
  /** Several variables in its slot were written; `boundUnpacked` is the bound with a slot for each. */
  readonly packed:
    | {
        readonly fields: readonly { readonly path: string; readonly writers: number }[]
        readonly boundUnpacked: number
      }
    | undefined
  readonly sites: readonly ShownSite[]
}

interface NotCounted {
  readonly edges: number
  /** The bound if these counted too. */
  readonly boundWith: number
}

interface Coverage {
  readonly slots: number
  readonly named: number
  /** `212 of 214 slots named` */
  readonly text: string
  readonly refused: readonly Refusal[]
  /** Transactions whose instructions are known: without them there are no lines. */
  readonly traced: number
  /** Transactions whose account reads are over-approximated (the reference engine). */
  readonly approximate: number
  /** Checks of balances taken as independent, because the balance before the first transaction is not known. */
  readonly undecidedChecks: number
}

/** Costs in gas. */
export function gasCosts({ transactions }: Recording): Float64Array {
  return Float64Array.from(transactions, ({ gasUsed }) => gasUsed)
}

/** Costs in milliseconds as measured; undefined when some transaction was not timed. */
function timeCosts({ transactions }: Recording): Float64Array | undefined {
  if (transactions.length === 0 || transactions.some(({ ms }) => ms === undefined)) return undefined
  return Float64Array.from(transactions, ({ ms }) => ms ?? 0)
}

/** Everything about one block or window. Near-linear in accesses and edges; of the locations the 20 hottest are looked into. */
export function reportOf(recording: Recording, graph: DependencyGraph, book: NameBook): Report {
  return atOnce(reportInSlices(recording, graph, book))
}

/** The same, in parts of a few milliseconds. */
export function* reportInSlices(
  recording: Recording,
  graph: DependencyGraph,
  book: NameBook,
): Slices<Report> {
  yield* nameAll(graph, book)
  const gas = gasCosts(recording)
  const ms = timeCosts(recording)
  const criticalGas = criticalCost(graph, gas)
  const sitesAt = indexSites(recording)
  const fixFirst: FixFirst[] = []
  for (const hot of yield* rankInSlices(graph, gas)) {
    fixFirst.push(yield* describe(recording, sitesAt, graph, book, gas, hot))
    yield
  }
  const shown = (steps: readonly PathStep[]): readonly ShownStep[] =>
    steps.map(({ tx, location }) => {
      const where = location === undefined ? undefined : graph.touches.locations[location]!
      return { tx, location: where, name: where && book.nameOf(where).name }
    })
  return {
    transactions: graph.transactions,
    serialGas: totalCost(gas),
    serialMs: ms && totalCost(ms),
    basis: {
      serialGas: 'measured',
      serialMs: 'measured',
      dependencies: 'measured',
      bound: 'modelled',
      curve: 'modelled',
      fixFirst: 'modelled',
    },
    bound: { byGas: speedupBound(graph, gas), byMs: ms && speedupBound(graph, ms) },
    criticalPath: {
      gas: criticalGas,
      ms: ms && criticalCost(graph, ms),
      byGas: shown(criticalPath(graph, gas)),
    },
    curve: yield* curveInSlices(graph, gas),
    shape: shapeOfGraph(graph),
    edges: countEdges(graph),
    fixFirst,
    notCounted: {
      senderNonce: notCounted(graph, gas, 'senderNonce'),
      fee: notCounted(graph, gas, 'fee'),
    },
    volatile: volatileReads(recording, book),
    ownership: ownershipByVariable(recording, graph.touches, (location) =>
      location.kind === 'slot' ? book.nameOf(location).variable : undefined,
    ),
    coverage: coverageOf(recording, graph, book),
  }
}

/** The book keeps what it found: what asks later finds it at once. */
function* nameAll({ touches }: DependencyGraph, book: NameBook): Slices<void> {
  for (const [place, location] of touches.locations.entries()) {
    book.nameOf(location)
    if (place % 64 === 63) yield
  }
}

function* describe(
  recording: Recording,
  sitesAt: ReturnType<typeof indexSites>,
  graph: DependencyGraph,
  book: NameBook,
  gas: Float64Array,
  hot: HotLocation,
): Slices<FixFirst> {
  const { locations } = graph.touches
  const total = totalCost(gas)
  const [place, ...others] = hot.locations.toSorted((a, b) => order(book, locations, a, b))
  const location = locations[place!]!
  const touches = graph.touches.of[place!]!
  const { by, fields } = book.nameOf(location)
  const pattern = location.kind === 'slot' ? patternOf(recording, touches, fields) : 'unknown'
  yield
  const commutative = commutativeUse(recording, graph, gas, [place!, ...others])
  yield
  const packed = packedUse(graph, gas, place!, fields)
  return {
    location,
    name: changedName(graph, book, place!),
    nameBy: by,
    together: others.map((other) => ({
      location: locations[other]!,
      name: book.nameOf(locations[other]!).name,
    })),
    readers: hot.readers,
    writers: hot.writers,
    edges: hot.edges,
    gasBehind: hot.costBehind,
    gasShare: total === 0 ? 0 : hot.costWriting / total,
    boundWithout: ratio(total, hot.criticalWithout),
    boundWithoutUpTo: ratio(total, hot.criticalWithoutUpTo),
    pattern,
    cure: CURES[pattern],
    commutative: commutative && {
      evidence: commutative.evidence,
      guarded: commutative.guarded,
      adders: commutative.adders,
      others: commutative.others,
      boundAsDelta: ratio(total, commutative.criticalAsDelta),
    },
    packed: packed && {
      fields: packed.fields,
      boundUnpacked: ratio(total, packed.criticalUnpacked),
    },
    sites: yield* sitesOf(sitesAt, graph, book, place!),
  }
}

/** What a location is called by those of its variables that some transaction changed. */
export function changedName(graph: DependencyGraph, book: NameBook, place: number): string {
  const { name, by, contract, fields } = book.nameOf(graph.touches.locations[place]!)
  const written = writtenFields(graph.touches.of[place]!, fields)
  return written.length > 0 && by === 'layout' ? nameOfFields(contract, written) : name
}

/** Of the variables in a slot, those that some transaction changed. */
function writtenFields(touches: readonly Touch[], fields: readonly Field[]): readonly Field[] {
  const written = new Set<Field>()
  for (const { write, before, after } of touches) {
    if (write === 'none') continue
    for (const field of changedFields(fields, before, after)) written.add(field)
  }
  return fields.filter((field) => written.has(field))
}

const KIND_ORDER: readonly Location['kind'][] = ['slot', 'balance', 'nonce', 'code', 'life']

/** Slots first, variables before entries of mappings, then as they lie. */
function order(book: NameBook, locations: readonly Location[], a: number, b: number): number {
  const kindOf = (place: number): number => KIND_ORDER.indexOf(locations[place]!.kind)
  const isEntry = (place: number): number =>
    Number(book.nameOf(locations[place]!).name.includes('['))
  const placed = locationKey(locations[a]!) < locationKey(locations[b]!) ? -1 : 1
  return kindOf(a) - kindOf(b) || isEntry(a) - isEntry(b) || placed
}

/** Each instruction once, with the path by which it was first reached. */
function* sitesOf(
  sitesAt: ReturnType<typeof indexSites>,
  graph: DependencyGraph,
  book: NameBook,
  place: number,
): Slices<readonly ShownSite[]> {
  const location = graph.touches.locations[place]!
  const found = new Map<string, ShownSite>()
  for (const [at, { tx }] of graph.touches.of[place]!.entries()) {
    if (at % 64 === 63) yield
    for (const site of sitesAt(tx, location)) {
      const key = `${site.codeAddress}:${site.pc}`
      if (!found.has(key)) found.set(key, showSite(book, site))
    }
  }
  return [...found.values()]
}

function countEdges(graph: DependencyGraph): Record<EdgeKind, number> {
  const counts = EDGE_KINDS.map((kind): [EdgeKind, number] => [kind, 0])
  for (const kind of graph.kind) counts[kind]![1]++
  return Object.fromEntries(counts) as Record<EdgeKind, number>
}

function notCounted(graph: DependencyGraph, gas: Float64Array, kind: EdgeKind): NotCounted {
  return {
    edges: countEdges(graph)[kind],
    boundWith: speedupBound(graph, gas, { kinds: new Set([...COUNTED, kind]) }),
  }
}

/** How much of what was touched has a name. */
export function coverageOf(recording: Recording, graph: DependencyGraph, book: NameBook): Coverage {
  const { transactions } = recording
  const slots = graph.touches.locations.filter(({ kind }) => kind === 'slot')
  const named = slots.filter((slot) => book.nameOf(slot).by !== 'shape').length
  return {
    slots: slots.length,
    named,
    text: `${named} of ${slots.length} slots named`,
    refused: book.refused,
    traced: transactions.filter(({ trace }) => trace !== undefined).length,
    approximate: transactions.filter(({ access }) => access.precision === 'accounts').length,
    undecidedChecks: graph.undecidedChecks,
  }
}
