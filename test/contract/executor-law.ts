import fc from 'fast-check'
import { expect } from 'vitest'

import type { BlockInput, BlockOutcome, Executor } from '../../src/executor/executor.ts'
import { bytesToHex } from '../../src/primitives/hex.ts'
import type { ChangeSet } from '../../src/state/access.ts'
import { blockAccessList, encodeBlockAccessList } from '../../src/state/block-access-list.ts'
import { applyChanges } from '../../src/state/world.ts'
import { type Grown, type LawCase, type OpenedCase, lawCase, openCase } from './law-case.ts'

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
    accessList: bytesToHex(encodeBlockAccessList(list)),
  }
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
    if (got.kind !== 'executed') continue
    for (const { codes } of got.changes) opened.codes.add(codes)
    const version = applyChanges(opened.version, ...got.changes)
    got.became?.(version)
    grown = { version, codes: opened.codes }
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

/**
 * Random blocks. A block that differs is made smaller, and the error says it with its seed.
 * @param subjectOf an executor for a schedule with this seed
 */
export async function searchForDifference(
  oracle: Executor,
  subjectOf: (seed: number) => Executor,
  { runs, seed }: { readonly runs: number; readonly seed: number },
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
  const chains = fc.array(lawCase, { minLength: 2, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(chains, fc.nat(), (cases, schedule) =>
      expectSameChain(oracle, subjectOf(schedule), cases),
    ),
    { numRuns: runs >> 2, seed },
  )
  await fc.assert(
    fc.asyncProperty(lawCase, fc.nat(), async (it, schedule) => {
      const outcome = await expectSameBlock(oracle, subjectOf(schedule), it)
      tally.blocks++
      tally.transactions += it.txs.length
      if (outcome.kind !== 'executed') tally.rejected++
      else {
        if (outcome.report.inOrder === undefined) tally.inLanes++
        tally.takenBack += outcome.report.aborts
        const { runs = [], trace } = outcome.report
        tally.injected += runs.filter(({ cause }) => cause?.kind === 'chance').length
        if (trace !== undefined) tally.interleavings.add(trace)
      }
    }),
    { numRuns: runs, seed, endOnFailure: false },
  )
  return tally
}
