import fc from 'fast-check'
import { expect } from 'vitest'

import type {
  BlockInput,
  BlockOutcome,
  ExecutedBlock,
  Executor,
} from '../../src/executor/executor.ts'
import { bytesToHex } from '../../src/primitives/hex.ts'
import type { ChangeSet } from '../../src/state/access.ts'
import { blockAccessList, encodeBlockAccessList } from '../../src/state/block-access-list.ts'
import { RecordedAccess, resourcesAt } from '../../src/state/record.ts'
import { applyChanges } from '../../src/state/world.ts'
import { type Grown, type LawCase, type OpenedCase, lawCase, openCase } from './law-case.ts'
import { type Bundle, type SubjectOf, firstDifference, hunt, keepBundle } from './law-divergence.ts'

/**
 * The law: whatever an executor does, its result is the serial one's. Receipts, logs, gas, bloom, state root, what each transaction read and
 * wrote, and the access list.
 */

/** All of an outcome that the law is about, as plain data. */
function lawfulPart(outcome: BlockOutcome, { version }: OpenedCase): unknown {
  if (outcome.kind !== 'executed') return outcome
  const { receipts, outputs, failures, skipped, gasUsed, blobGasUsed, logsBloom, accesses } =
    outcome
  const list = blockAccessList([[], ...accesses.map((access) => [access]), []])
  return {
    receipts,
    outputs,
    failures,
    skipped,
    gasUsed,
    blobGasUsed,
    logsBloom: bytesToHex(logsBloom),
    stateRoot: applyChanges(version, ...outcome.changes).stateRoot,
    decodedStateRoot: applyChanges(version, ...outcome.changes.map(decoded)).stateRoot,
    codes: outcome.changes.flatMap(({ codes }) => [...codes.keys()]).toSorted(),
    accesses: accesses.map(({ reads, writes, volatile }) => ({ reads, writes, volatile })),
    resources: accesses.map((access) => {
      if (!(access instanceof RecordedAccess)) return undefined
      const { memory, at } = access.record
      return resourcesAt(memory, at)
    }),
    accessList: bytesToHex(encodeBlockAccessList(list)),
  }
}

/** The same for a block that is full of something beside gas: lanes give it up, and what was left out waits. @throws {Error} likewise */
export async function expectSameFullBlock(
  oracle: Executor,
  subject: Executor,
  it: LawCase,
): Promise<void> {
  const outcome = await expectSameBlock(oracle, subject, it)
  const skipped = outcome.kind === 'executed' ? outcome.skipped : []
  expect(new Set(skipped.map(({ rejection }) => rejection.kind))).toEqual(new Set(['blockFull']))
}

/** Without the bytes that it may have come from. */
function decoded({ accounts, codes }: ChangeSet): ChangeSet {
  return { accounts, codes }
}

/** @throws {Error} when the results differ */
export async function expectSameBlock(
  oracle: Executor,
  subject: Executor,
  it: LawCase,
): Promise<BlockOutcome> {
  const opened = openCase(it)
  const wanted = await oracle.execute(opened.block, opened.view)
  const got = await subject.execute(informed(opened.block, wanted), opened.view)
  expect(lawfulPart(got, opened)).toEqual(lawfulPart(wanted, opened))
  if (got.kind === 'executed' && got.skipped.length === 0) {
    const { incarnations, aborts } = got.report
    expect(incarnations - aborts).toBe(got.transactions.length)
  }
  return got
}

/**
 * Blocks one after another, each on the state that the one before led to: what an executor keeps from block to block must be true.
 */
export async function expectSameChain(
  oracle: Executor,
  subject: Executor,
  cases: readonly LawCase[],
): Promise<void> {
  let grown: Grown | undefined
  for (const it of cases) {
    const opened = openCase(it, grown)
    const wanted = await oracle.execute(opened.block, opened.view)
    const got = await subject.execute(opened.block, opened.view)
    expect(lawfulPart(got, opened)).toEqual(lawfulPart(wanted, opened))
    if (got.kind === 'executed') grown = grownBy(opened, got)
  }
}

/** The block with all that can be known of it beforehand: what each transaction accesses, and the access list. */
function informed(block: BlockInput, wanted: BlockOutcome): BlockInput {
  if (wanted.kind !== 'executed' || wanted.skipped.length > 0) return block
  const { accesses } = wanted
  const accessList = blockAccessList([[], ...accesses.map((access) => [access]), []])
  return { ...block, hintOf: (index) => accesses[index], accessList }
}

/** What a search saw. */
export interface LawTally {
  blocks: number
  inLanes: number
  transactions: number
  takenBack: number
  /** Runs that were valid and taken back nevertheless. */
  injected: number
  rejected: number
  readonly interleavings: Set<number>
}

/** What a search is for: how much, and whose blocks they are if one differs. */
export interface Search {
  readonly runs: number
  readonly seed: number
  readonly whose: {
    readonly executor: string
    readonly lanes: number
    /** Where what differs is kept; with the repository's cases unless said otherwise. */
    readonly folder?: string | undefined
  }
}

/**
 * Random blocks. What differs is made as small as it can be and kept as a case.
 * @param subjectOf an executor for a schedule with this seed
 * @throws {Error} when something differs: what, and in which file it is
 */
export async function searchForDifference(
  oracle: Executor,
  subjectOf: SubjectOf,
  { runs, seed, whose }: Search,
): Promise<LawTally> {
  const tally: LawTally = {
    blocks: 0,
    inLanes: 0,
    transactions: 0,
    takenBack: 0,
    injected: 0,
    rejected: 0,
    interleavings: new Set(),
  }
  const compare = (bundle: Bundle): Promise<string | undefined> =>
    differenceIn(oracle, subjectOf, bundle, (it, outcome) => count(tally, it, outcome))
  const chains = fc.array(lawCase, { minLength: 2, maxLength: 4 })
  const blocks = fc.tuple(lawCase)
  const found =
    (await hunt(blocks, compare, { runs, seed })) ??
    (await hunt(chains, compare, { runs: runs >> 2, seed }))
  if (found === undefined) return tally
  const { executor, lanes, folder } = whose
  const file = keepBundle({ executor, lanes, ...found }, folder)
  throw new Error(
    `${executor} with ${lanes} lanes is not serial: ${found.difference}\nkept in ${file}`,
  )
}

/**
 * The first thing in which an executor is not serial on blocks, each on the state of the one before; undefined for none. A block that
 * stands alone comes with all that can be known of it beforehand.
 * @param saw hears of each block that stands alone
 */
export async function differenceIn(
  oracle: Executor,
  subjectOf: SubjectOf,
  { cases, schedule }: Bundle,
  saw: (it: LawCase, outcome: BlockOutcome) => void = () => undefined,
): Promise<string | undefined> {
  const subject = subjectOf(schedule)
  const isAlone = cases.length === 1
  let grown: Grown | undefined
  for (const [at, it] of cases.entries()) {
    const opened = openCase(it, grown)
    const wanted = await oracle.execute(opened.block, opened.view)
    const block = isAlone ? informed(opened.block, wanted) : opened.block
    const got = await subject.execute(block, opened.view)
    const difference = firstDifference(lawfulPart(wanted, opened), lawfulPart(got, opened))
    if (difference !== undefined) return isAlone ? difference : `block ${at}: ${difference}`
    if (isAlone) saw(it, got)
    if (got.kind === 'executed') grown = grownBy(opened, got)
  }
  return undefined
}

function grownBy(opened: OpenedCase, got: ExecutedBlock): Grown {
  for (const { codes } of got.changes) opened.codes.add(codes)
  const version = applyChanges(opened.version, ...got.changes)
  got.became?.(version)
  return { version, codes: opened.codes }
}

function count(tally: LawTally, { txs }: LawCase, outcome: BlockOutcome): void {
  tally.blocks++
  tally.transactions += txs.length
  if (outcome.kind !== 'executed') {
    tally.rejected++
    return
  }
  const { inOrder, aborts, log, trace } = outcome.report
  if (inOrder === undefined) tally.inLanes++
  tally.takenBack += aborts
  tally.injected += (log?.runs ?? []).filter(({ cause }) => cause?.kind === 'chance').length
  if (trace !== undefined) tally.interleavings.add(trace)
}
