import { conflictsOf } from '../../../analysis/conflicts.ts'
import { type Grade, gradeOf } from '../../../analysis/matrix.ts'
import { type Step, observeRun } from '../../../chain/observe-run.ts'
import { StandIns } from '../../../chain/stand-ins.ts'
import { recordedRun } from '../../../chain/window.ts'
import { codeIn } from '../../../chain/record-block.ts'
import type { CallFields } from '../../../model/call.ts'
import type { Address } from '../../../primitives/hex.ts'
import type { ContractOptions, Profile } from '../../../rpc/profiler-port.ts'
import type { ArtefactContract } from '../../artefact-files.ts'
import { decodeFailure } from '../../labels.ts'
import { callsOf } from './calls.ts'
import { shapedCalls } from './shaped-calls.ts'
import {
  type NoProfile,
  type ProfilerParts,
  type RecordedSubject,
  recordSubject,
  stepsOf,
  targetOf,
} from './subject.ts'

/** Functions that are put against each other: the runs are half their square. */
const MOST_FUNCTIONS = 10
/** A cell of which more calls fail says nothing. */
const MOST_FAILED = 0.1

/** A call that stands for its function. */
interface Sample {
  readonly name: string
  /** Of the recorded call; undefined for one whose arguments were made up. */
  readonly tx: number | undefined
  readonly call: CallFields
}

interface Cell {
  readonly first: string
  readonly second: string
  readonly calls: number
  readonly failed: number
  /** Undefined when too many failed. */
  readonly grade: Grade | undefined
  readonly variables: readonly string[]
  readonly reason: string | undefined
}

/** Each function of a contract against each other: so many callers of their own in one block on the newest state. */
export async function explainContract(
  parts: ProfilerParts,
  contract: Address,
  { callers, last }: ContractOptions,
): Promise<Profile> {
  const recorded = await recordSubject(parts, {
    kind: 'last',
    count: last,
    asBlock: false,
    spreadSenders: false,
  })
  if (recorded.kind !== 'recorded') return recorded
  const known = await knownContract(parts, contract)
  const seen = samplesOf(parts, recorded, contract)
  const called = new Set(seen.map(({ name }) => name.replace(/^.*\./, '')))
  const shaped = known === undefined ? [] : await shapedCalls(known, contract)
  const samples = [...seen, ...shaped.filter(({ name }) => !called.has(name.replace(/^.*\./, '')))]
  if (samples.length === 0) {
    const reason = `no artefact has the code of ${contract}, and no call of it succeeded among the newest ${last} transactions: call its functions once first`
    return { kind: 'missing', reason }
  }
  const shown = samples.slice(0, MOST_FUNCTIONS)
  const cells: Cell[] = []
  for (const [at, first] of shown.entries()) {
    for (const second of shown.slice(at)) {
      const cell = await runCell(parts, recorded, first, second, callers)
      if ('kind' in cell) return cell
      cells.push(cell)
    }
  }
  return {
    kind: 'shown',
    value: {
      contract,
      name: known?.name ?? recorded.book.labelOf(contract),
      callers,
      basis: 'measured',
      functions: shown.map(({ name }) => name),
      cells,
      notShown: samples.slice(MOST_FUNCTIONS).map(({ name }) => name),
      // Their arguments are made up by their types.
      madeUp: shown.filter(({ tx }) => tx === undefined).map(({ name }) => name),
    },
  }
}

/** The artefact of a contract on the newest state. */
async function knownContract(
  { artefacts, dev }: ProfilerParts,
  contract: Address,
): Promise<ArtefactContract | undefined> {
  await artefacts.load()
  return artefacts.byRuntime(codeIn(dev.view, contract))
}

/** The newest successful call of each function. */
function samplesOf(
  parts: ProfilerParts,
  recorded: RecordedSubject,
  contract: Address,
): readonly Sample[] {
  const samples = new Map<string, Sample>()
  for (const { tx, label, failed } of callsOf(recorded, parts)) {
    const { from, to, data, valueWei } = recorded.sent[tx]!
    if (to !== contract || failed) continue
    samples.set(label, { name: label, tx, call: { from, to, data, valueWei } })
  }
  return [...samples.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** All callers call the one function, or half of them one and half the other, in turn. */
async function runCell(
  parts: ProfilerParts,
  recorded: RecordedSubject,
  first: Sample,
  second: Sample,
  callers: number,
): Promise<Cell | NoProfile> {
  const target = await targetOf(parts, {
    at: { kind: 'tag', tag: 'latest' },
    stateOverrides: undefined,
    blockOverrides: undefined,
  })
  if ('reason' in target) return target
  const standIns = new StandIns(recorded.recording, recorded.hashed)
  const steps: Step[] = []
  for (let caller = 0; caller < callers; caller++) {
    const { tx, call } = caller % 2 === 0 ? first : second
    const made = stepsOf(target, { setup: [], transactions: [call] })
    if ('reason' in made) return made
    steps.push(standIns.spread(made[0]!, tx, caller))
  }
  const run = await observeRun(parts.engine, target.env, target.view, steps)
  const { recording, graph, book } = await recordedRun(run, parts.namer)
  const failures = run.results.flatMap(({ outcome }) =>
    outcome.kind === 'success'
      ? []
      : [outcome.kind === 'halt' ? outcome.reason : decodeFailure(outcome.output, parts.artefacts)],
  )
  const between =
    first === second
      ? conflictsOf(recording, graph, book)
      : conflictsOf(recording, graph, book, (from, to) => from % 2 !== to % 2)
  // What all callers share says more than where two of them meet.
  const names = between.map(({ name }) => name)
  const variables = [
    ...names.filter((name) => !name.includes('[')),
    ...names.filter((name) => name.includes('[')),
  ]
  const isSilent = failures.length > callers * MOST_FAILED
  return {
    first: first.name,
    second: second.name,
    calls: callers,
    failed: failures.length,
    grade: isSilent ? undefined : gradeOf(variables),
    variables: isSilent ? [] : variables,
    reason: failures[0],
  }
}
