import { speedupBound, speedupCurve } from '../../../analysis/bounds.ts'
import { type Conflict, conflictsOf, isAllowed } from '../../../analysis/conflicts.ts'
import { namedEdges } from '../../../analysis/named-edges.ts'
import { coverageOf, gasCosts, reportInSlices } from '../../../analysis/report.ts'
import { compare } from '../../../analysis/simulate/compare.ts'
import { POLICIES } from '../../../analysis/simulate/policies.ts'
import { NO_OVERHEADS, workOf } from '../../../analysis/simulate/policy.ts'
import { why } from '../../../analysis/why.ts'
import type { TransactionPlace } from '../../../chain/block-record.ts'
import { inTurns } from '../../../primitives/slices.ts'
import type { Hash } from '../../../primitives/hex.ts'
import type { Gate, Profile, ProfilerPort, Subject } from '../../../rpc/profiler-port.ts'
import { accessSet, checkAccessList } from './access.ts'
import { simulateBundle } from './bundle.ts'
import { type ShownCall, callsOf } from './calls.ts'
import { explainContract } from './contract.ts'
import { type ProfilerParts, type RecordedSubject, recordSubject } from './subject.ts'

const COMPARED_CORES: readonly number[] = [2, 4, 8, 16, 64]

/** What orders transactions, by name and line. */
export function profilerPort(parts: ProfilerParts): ProfilerPort {
  const show = async (
    subject: Subject,
    made: (recorded: RecordedSubject) => object | Promise<object>,
  ): Promise<Profile> => {
    const recorded = await recordSubject(parts, subject)
    if (recorded.kind !== 'recorded') return recorded
    return { kind: 'shown', value: { subject: recorded.head, ...(await made(recorded)) } }
  }
  return {
    contention: (subject) =>
      show(subject, async (recorded) => ({
        ...(await inTurns(reportInSlices(recorded.recording, recorded.graph, recorded.book))),
        dependencies: namedEdges(recorded.graph, recorded.book),
        calls: callsOf(recorded, parts),
      })),
    async explain(a, b) {
      const [first, second] = [a, b].map((hash) => parts.dev.chain.history.place(hash))
      const isSwapped = first !== undefined && second !== undefined && isAfter(first, second)
      const [earlier, later] = isSwapped ? [b, a] : [a, b]
      const span = await recordSubject(parts, spanOf(parts, earlier, later), 'count')
      if (span.kind !== 'recorded') return span
      const { recording, graph, book, head } = span
      const place = (hash: string): number => span.sent.findIndex((each) => each.hash === hash)
      const [from, to] = [place(earlier), place(later)]
      const calls = callsOf(span, parts)
      const hops = why(recording, graph, book, from, to)
      const shown = (tx: number) => calls[tx]!
      return {
        kind: 'shown',
        value: {
          subject: head,
          basis: 'measured',
          earlier: shown(from),
          later: shown(to),
          depends: hops.length > 0,
          hops: hops.map((hop) => ({ ...hop, from: shown(hop.from), to: shown(hop.to) })),
          coverage: coverageOf(recording, graph, book),
        },
      }
    },
    compare(subject, { cores = COMPARED_CORES, policies }) {
      const unknown = policies?.find((name) => POLICIES.every((policy) => policy.name !== name))
      if (unknown !== undefined) {
        const known = POLICIES.map(({ name }) => name).join(', ')
        const reason = `\`options.policies\`: ${unknown} is not known here; there are ${known}`
        return Promise.resolve({ kind: 'refused', reason })
      }
      const chosen = POLICIES.filter(({ name }) => policies?.includes(name) ?? true)
      return show(subject, ({ recording, graph, book }) => ({
        basis: 'modelled',
        unit: 'gas',
        runs: compare(
          workOf(recording, graph, gasCosts(recording)),
          chosen,
          cores,
          NO_OVERHEADS,
          (place) => book.nameOf(graph.touches.locations[place]!).name,
        ),
        bound: speedupBound(graph, gasCosts(recording)),
      }))
    },
    simulateBundle: (bundle, options) => simulateBundle(parts, bundle, options),
    accessSet: (asked, format) => accessSet(parts, asked, format),
    checkAccessList: (asked) => checkAccessList(parts, asked),
    assertNoConflict: (subject, gate) =>
      show(subject, (recorded) => gateOf(recorded, gate, callsOf(recorded, parts))),
    explainContract: (contract, options) => explainContract(parts, contract, options),
  }
}

function isAfter(a: TransactionPlace, b: TransactionPlace): boolean {
  const [left, right] = [a.record.block.header.number, b.record.block.header.number]
  return left > right || (left === right && a.index > b.index)
}

/** All between two transactions, for what depends through others. */
function spanOf({ dev }: ProfilerParts, a: Hash, b: Hash): Subject {
  const { history } = dev.chain
  const [from, to] = [a, b].map((hash) => history.place(hash)?.record.block.header.number)
  if (from === undefined || to === undefined) return { kind: 'hashes', hashes: [a, b], ...AS_MINED }
  return {
    kind: 'blocks',
    from: { kind: 'number', number: from },
    to: { kind: 'number', number: to },
    ...AS_MINED,
  }
}

const AS_MINED = { asBlock: false, spreadSenders: false } as const

/** Whether transactions keep to what is allowed: dependencies in their order, and a speed-up by gas. Nothing that a run could change. */
function gateOf(
  { recording, graph, book }: RecordedSubject,
  { allow, minSpeedup }: Gate,
  calls: readonly ShownCall[],
): object {
  const all = conflictsOf(recording, graph, book).map((conflict) => ({
    ...conflict,
    allowed: allow === undefined || isAllowed(conflict, allow),
    from: calls[conflict.from]!,
    to: calls[conflict.to]!,
  }))
  const conflicts = all.filter(({ allowed }) => !allowed)
  const speedup = minSpeedup && {
    ...minSpeedup,
    reached: speedupCurve(graph, gasCosts(recording), {}, [minSpeedup.cores])[0]!.scheduled,
    basis: 'modelled',
  }
  const isFast = speedup === undefined || speedup.reached >= speedup.times
  const failed = calls.find((call) => call.failed)
  return {
    pass: conflicts.length === 0 && isFast,
    message: messageOf(isFast ? conflicts : all, isFast ? undefined : speedup, failed),
    basis: 'measured',
    transactions: graph.transactions,
    conflicts,
    allowed: all.filter(({ allowed }) => allowed),
    speedup: speedup ?? null,
    undecidedChecks: graph.undecidedChecks,
  }
}

/** Conflicts that are told of in a sentence. */
const TOLD = 3

/** What is wrong, in lines; empty when nothing is. */
function messageOf(
  conflicts: readonly (Omit<Conflict, 'from' | 'to'> & Record<'from' | 'to', ShownCall>)[],
  slow: { readonly times: number; readonly cores: number; readonly reached: number } | undefined,
  failed: ShownCall | undefined,
): string {
  const lines = conflicts.slice(0, TOLD).map(({ name, written, read, from, to }) => {
    const at = (sites: Conflict['read']): string => (sites[0]?.line && ` at ${sites[0].line}`) ?? ''
    return `${name}: written${at(written)} by ${from.label}, read${at(read)} by ${to.label}`
  })
  if (conflicts.length > TOLD) lines.push(`and ${conflicts.length - TOLD} more`)
  if (slow !== undefined) {
    const reached = slow.reached.toFixed(2)
    lines.unshift(`${reached} times faster on ${slow.cores} cores, expected ${slow.times}`)
  }
  if (lines.length > 0 && failed !== undefined) {
    lines.push(`transaction ${failed.tx}, ${failed.label}, fails`)
  }
  return lines.join('\n')
}
