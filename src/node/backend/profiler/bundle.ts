import { speedupCurve } from '../../../analysis/bounds.ts'
import { conflictsOf } from '../../../analysis/conflicts.ts'
import { gasCosts, reportInSlices } from '../../../analysis/report.ts'
import { failureOf } from '../../../chain/observe-run.ts'
import type { CallTarget } from '../../../chain/simulate.ts'
import { bytesToHex } from '../../../primitives/hex.ts'
import { inTurns } from '../../../primitives/slices.ts'
import type { Bundle, BundleOptions, Profile } from '../../../rpc/profiler-port.ts'
import { Overlay } from '../../../state/overlay.ts'
import { callsOf } from './calls.ts'
import { bundleListFault } from './limits.ts'
import { type NoProfile, type ProfilerParts, recordBundle, stepsOf, targetOf } from './subject.ts'

const WORKERS: readonly number[] = [1, 2, 4, 8]
/** More orders would take minutes. */
const MOST_ORDERS = 720

/** What orders the transactions of a bundle, how fast it could be, and whether another order would do something else. */
export async function simulateBundle(
  parts: ProfilerParts,
  bundle: Bundle,
  { orders, workers = WORKERS }: BundleOptions,
): Promise<Profile> {
  const fault = bundleListFault(bundle, parts.limits)
  if (fault !== undefined) return { kind: 'refused', reason: fault }
  const tried = ordersOf(bundle.transactions.length, orders)
  if ('reason' in tried) return tried
  const recorded = await recordBundle(parts, bundle)
  if (recorded.kind !== 'recorded') return recorded
  const { recording, graph, book, head } = recorded
  const calls = callsOf(recorded, parts)
  const inOrder = await runInOrder(parts, bundle, identity(bundle.transactions.length))
  if ('reason' in inOrder) return inOrder
  const differing: object[] = []
  for (const order of tried) {
    const other = await runInOrder(parts, bundle, order)
    if ('reason' in other) return other
    const changed = inOrder.results.flatMap((given, tx) =>
      given === other.results[tx] ? [] : [{ tx, given, other: other.results[tx] }],
    )
    const state = inOrder.state !== other.state
    if (changed.length > 0 || state) differing.push({ order, transactions: changed, state })
  }
  return {
    kind: 'shown',
    value: {
      subject: head,
      ...(await inTurns(reportInSlices(recording, graph, book))),
      conflicts: conflictsOf(recording, graph, book),
      calls: calls.map((call, at) => ({ ...call, error: recorded.errors[at] ?? null })),
      workers: speedupCurve(graph, gasCosts(recording), {}, workers),
      orders: { tried: tried.length, differing },
    },
  }
}

/** What each transaction did in this order, by its place in the bundle, and the state in the end. */
async function runInOrder(
  { engine, resolver }: ProfilerParts,
  bundle: Bundle,
  order: readonly number[],
): Promise<{ readonly results: readonly string[]; readonly state: string } | NoProfile> {
  const target = await targetOf({ resolver }, bundle)
  if ('reason' in target) return target
  const transactions = order.map((index) => bundle.transactions[index]!)
  const steps = stepsOf(target, { setup: bundle.setup, transactions })
  if ('reason' in steps) return steps
  const results: string[] = []
  const view = new Overlay((target satisfies CallTarget).view)
  for (const [at, step] of steps.entries()) {
    const outcome = await engine.transact(step.txOn(view), target.env, view, {
      switches: step.switches,
    })
    if (outcome.kind !== 'rejected') view.apply(outcome.access.writes)
    const index = order[at - bundle.setup.length]
    if (index === undefined) continue
    if (outcome.kind === 'rejected') results[index] = 'rejected'
    else if (outcome.kind === 'success') results[index] = `success ${bytesToHex(outcome.output)}`
    else results[index] = failureOf(outcome)
  }
  return { results, state: stateOf(view) }
}

/** All that changed, as text: nonces aside, which follow the order of a sender's transactions. */
function stateOf(view: Overlay): string {
  const lines: string[] = []
  for (const [address, { balanceWei, codeHash, life, slots }] of view.changes.accounts) {
    lines.push(`${address} ${balanceWei ?? ''} ${codeHash ?? ''} ${life ?? ''}`)
    for (const [key, value] of slots ?? []) lines.push(`${address} ${key} ${value}`)
  }
  return lines.toSorted().join('\n')
}

function ordersOf(
  count: number,
  wanted: BundleOptions['orders'],
): readonly (readonly number[])[] | NoProfile {
  if (wanted === 'given') return []
  if (typeof wanted === 'number') return drawOrders(count, wanted)
  let all = 1
  for (let n = 2; n <= count && all <= MOST_ORDERS; n++) all *= n
  if (all > MOST_ORDERS) {
    const reason = `\`options.orders\`: ${count} transactions have more than ${MOST_ORDERS} orders; give how many to draw`
    return { kind: 'refused', reason }
  }
  return permutations(identity(count)).slice(1)
}

function identity(count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => n)
}

/** The given order first. */
function permutations(items: readonly number[]): readonly (readonly number[])[] {
  if (items.length < 2) return [items]
  return items.flatMap((first) =>
    permutations(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
  )
}

/** The same on every machine: shuffled by a linear congruential generator with a fixed seed. */
function drawOrders(count: number, wanted: number): readonly (readonly number[])[] {
  let seed = 1
  const below = (limit: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((seed / 2 ** 32) * limit)
  }
  return Array.from({ length: wanted }, () => {
    const order = [...identity(count)]
    for (let at = count - 1; at > 0; at--) {
      const other = below(at + 1)
      ;[order[at], order[other]] = [order[other]!, order[at]!]
    }
    return order
  })
}
