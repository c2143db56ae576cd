import type { Address } from '../primitives/hex.ts'
import { type Slices, atOnce } from '../primitives/slices.ts'
import type { Location } from '../state/location.ts'
import { BalanceHistory } from './balance-history.ts'
import type { Recording } from './input.ts'
import { type Touch, type Touches, collectTouches } from './touches.ts'

/**
 * Why a transaction depends on an earlier one. `senderNonce`: both are of one sender, whose nonces are a chain whatever they do.
 * `fee`: it looked at the balance that all others pay their fees to. `nonce`: any other account's, such as a factory's.
 */
export const EDGE_KINDS = [
  'storage',
  'balance',
  'nonce',
  'code',
  'life',
  'senderNonce',
  'fee',
] as const
export type EdgeKind = (typeof EDGE_KINDS)[number]

/** What the headline counts: not the chains that come from fees and from nonces. */
export const COUNTED: ReadonlySet<EdgeKind> = new Set([
  'storage',
  'balance',
  'nonce',
  'code',
  'life',
])

/**
 * Which transaction depends on which: `to` reads at a location what `from` wrote there last, in the order of the block. A fact of the
 * transactions, free of any executor. Edges stand by `to`, then by location; those into transaction `j` are `first[j]` to `first[j + 1]`.
 */
export interface DependencyGraph {
  readonly transactions: number
  readonly edges: number
  readonly first: Uint32Array
  readonly from: Uint32Array
  readonly to: Uint32Array
  /** By its place in `touches.locations`. */
  readonly location: Uint32Array
  /** By its place in `EDGE_KINDS`. */
  readonly kind: Uint8Array
  readonly touches: Touches
  /** Checks of balances that count as independent because the balance before the first transaction is not known. */
  readonly undecidedChecks: number
}

/**
 * The graph of last writers. Deltas (credits, fees) depend on nothing and not on each other; an exact read depends on the last value
 * and on every delta since; a check only on what turned its answer. O(accesses + edges).
 */
export function dependencyGraph(recording: Recording): DependencyGraph {
  return atOnce(graphInSlices(recording))
}

/** The same, in parts of less than a few milliseconds. */
export function* graphInSlices(recording: Recording): Slices<DependencyGraph> {
  const touches = yield* collectTouches(recording.transactions)
  const found: FoundEdges = { from: [], to: [], location: [], kind: [], undecidedChecks: 0 }
  for (const [id, location] of touches.locations.entries()) {
    if (id % 256 === 255) yield
    const add = (from: number, to: number): void => {
      found.from.push(from)
      found.to.push(to)
      found.location.push(id)
      found.kind.push(EDGE_KINDS.indexOf(kindOf(recording, location, from, to)))
    }
    const history =
      location.kind === 'balance'
        ? new BalanceHistory(recording.balancesWei?.get(location.address))
        : undefined
    found.undecidedChecks += linkLocation(touches.of[id]!, history, add)
  }
  return sortByTo(found, touches)
}

interface FoundEdges {
  readonly from: number[]
  readonly to: number[]
  readonly location: number[]
  readonly kind: number[]
  undecidedChecks: number
}

/** @returns how many checks could not be decided */
function linkLocation(
  touches: readonly Touch[],
  history: BalanceHistory | undefined,
  add: (from: number, to: number) => void,
): number {
  let undecided = 0
  let lastValue = -1
  let deltas: number[] = []
  for (const touch of touches) {
    if (touch.before !== undefined) history?.found(touch.before)
    if (touch.read === 'value') {
      if (lastValue >= 0) add(lastValue, touch.tx)
      for (const delta of deltas) add(delta, touch.tx)
    } else if (touch.read !== 'none' && history !== undefined) {
      const dependency = history.dependencyOf(touch.read)
      if (dependency.kind === 'on' && dependency.tx >= 0) add(dependency.tx, touch.tx)
      if (dependency.kind === 'undecided') undecided++
    }
    if (touch.write === 'value') {
      lastValue = touch.tx
      deltas = []
    } else if (touch.write === 'delta') deltas.push(touch.tx)
    if (touch.after !== undefined) history?.change(touch.tx, touch.after)
  }
  return undecided
}

function kindOf(recording: Recording, location: Location, from: number, to: number): EdgeKind {
  switch (location.kind) {
    case 'slot':
      return 'storage'
    case 'balance':
      return location.address === recording.beneficiary ? 'fee' : 'balance'
    case 'nonce':
      return isSender(recording, location.address, from) &&
        isSender(recording, location.address, to)
        ? 'senderNonce'
        : 'nonce'
    case 'code':
    case 'life':
      return location.kind
  }
}

function isSender({ transactions }: Recording, address: Address, tx: number): boolean {
  return transactions[tx]!.sender === address
}

/** Counting sort: edges of one transaction stay in the order of their locations. */
function sortByTo(found: FoundEdges, touches: Touches): DependencyGraph {
  const edges = found.to.length
  const first = new Uint32Array(touches.transactions + 1)
  for (const to of found.to) first[to + 1]!++
  for (let tx = 0; tx < touches.transactions; tx++) first[tx + 1]! += first[tx]!
  const next = first.slice()
  const from = new Uint32Array(edges)
  const to = new Uint32Array(edges)
  const location = new Uint32Array(edges)
  const kind = new Uint8Array(edges)
  for (let edge = 0; edge < edges; edge++) {
    const at = next[found.to[edge]!]!++
    from[at] = found.from[edge]!
    to[at] = found.to[edge]!
    location[at] = found.location[edge]!
    kind[at] = found.kind[edge]!
  }
  const { transactions } = touches
  const { undecidedChecks } = found
  return { transactions, edges, first, from, to, location, kind, touches, undecidedChecks }
}
