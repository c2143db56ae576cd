import type { BlockEnv, Engine, Executable, Outcome } from '../evm/engine.ts'
import type { Executor } from '../executor/executor.ts'
import { configAtFork, isActive } from '../model/fork.ts'
import type { Log } from '../model/receipt.ts'
import { describeRejection } from '../model/rejection.ts'
import type { Transaction } from '../model/transaction.ts'
import { EMPTY_BYTES } from '../primitives/bytes.ts'
import { type Hash, ZERO_HASH, hexToBytes } from '../primitives/hex.ts'
import { keccakHash } from '../primitives/keccak.ts'
import { encodeRlp } from '../primitives/rlp.ts'
import { type ChangeSet, emptyChangeSet } from '../state/access.ts'
import { CodeStore } from '../state/codes.ts'
import { Overlay } from '../state/overlay.ts'
import type { StateView } from '../state/view.ts'
import {
  type Version,
  accountLeaf,
  applyChanges,
  emptyWorld,
  versionFromGenesis,
  viewOf,
} from '../state/world.ts'
import { type StateCase, type StateTest, stateCases } from './state-fixture.ts'
import { type OptionValues, executorOf } from './tool-options.ts'
import { describeThrown } from './tool-output.ts'
import { type Fixtures, runCases, runSuiteTool } from './tool-suite.ts'

/** What `heddle statetest` prints of one variant. */
export interface StateTestResult {
  readonly pass: boolean
  readonly stateRoot: Hash
  readonly logsHash: Hash
  readonly error?: string
}

const USAGE = `usage: heddle statetest [options] FILE|DIR...
  Runs Ethereum's official state tests: one transaction each, under one fork or several.
  --fork NAME        only variants of this fork; may be given more than once
  --executor NAME    serial (default), optimistic, block-stm, dag or bal: runs the transaction as a block of its own
  --workers N        threads for a parallel executor, or auto
  --engine NAME      wasm (default) or ethereumjs`

/**
 * Runs official state tests: one JSON line per test, fork and variant on stdout.
 * @param argv what follows the command's name
 * @returns the exit code: 0 all pass, 1 some fail, 2 bad usage or an unreadable file
 */
export function statetest(argv: readonly string[]): Promise<number> {
  const tool = { name: 'statetest', usage: USAGE, run: runFiles }
  return runSuiteTool(tool, argv)
}

async function runFiles(engine: Engine, files: Fixtures, values: OptionValues): Promise<number> {
  const opened = values.has('--executor') ? executorOf(values, engine) : undefined
  try {
    return await runCases(files, stateCases, (test) => runStateCase(engine, test, opened?.executor))
  } finally {
    await opened?.close()
  }
}

/**
 * Runs one variant. What is thrown on the way is a failure, never an exception.
 * @param executor runs the transaction as a block of its own, if there is one
 */
export async function runStateCase(
  engine: Engine,
  variant: StateCase,
  executor?: Executor,
): Promise<StateTestResult> {
  let version = emptyWorld()
  try {
    const test = variant.open()
    const codes = new CodeStore()
    version = versionFromGenesis(test.alloc, codes)
    const outcome = await runTransaction(engine, test, version, codes, executor)
    version = settle(version, test, outcome.changes)
    const stateRoot = version.stateRoot
    const logsHash = hashLogs(outcome.logs)
    const { expected } = test
    const error = verdict(test, outcome.rejected, stateRoot, logsHash)
    const pass =
      stateRoot === expected.stateRoot &&
      logsHash === expected.logsHash &&
      (outcome.rejected !== undefined) === (expected.exception !== undefined)
    return { pass, stateRoot, logsHash, ...(error === undefined ? {} : { error }) }
  } catch (error) {
    const message = describeThrown(error)
    return { pass: false, stateRoot: version.stateRoot, logsHash: hashLogs([]), error: message }
  }
}

interface Ran {
  readonly changes: ChangeSet
  readonly logs: readonly Log[]
  /** Why the transaction cannot be in a block. */
  readonly rejected: string | undefined
}

async function runTransaction(
  engine: Engine,
  test: StateTest,
  version: Version,
  codes: CodeStore,
  executor: Executor | undefined,
): Promise<Ran> {
  const { transaction, rules, chainId, header } = test
  const nothing = { changes: emptyChangeSet(), logs: [] }
  if (!transaction.ok) return { ...nothing, rejected: transaction.error }
  const env: BlockEnv = { rules, chainId, header, blockHash: testBlockHash }
  const view = viewOf(version, codes)
  if (executor !== undefined) return runBlock(executor, transaction.value, env, view)
  const outcome: Outcome = await engine.transact(transaction.value, env, view)
  if (outcome.kind === 'rejected') {
    return { ...nothing, rejected: describeRejection(outcome.rejection) }
  }
  const logs = outcome.kind === 'success' ? outcome.logs : []
  return { changes: outcome.access.writes, logs, rejected: undefined }
}

/** The suite has keys, but who signed is known. */
const NO_SIGNATURE = { yParity: 0, r: 0n, s: 0n } as const

/** A block of nothing but the transaction. */
async function runBlock(
  executor: Executor,
  tx: Executable,
  env: BlockEnv,
  view: StateView,
): Promise<Ran> {
  const { header, rules, chainId } = env
  const config = configAtFork(rules.fork, chainId)
  const unsigned: Transaction = {
    ...tx,
    signature: NO_SIGNATURE,
    hash: ZERO_HASH,
    raw: EMPTY_BYTES,
  }
  const rest = {
    ommers: [],
    withdrawals: undefined,
    onRejection: 'stop',
    protocol: 'none',
  } as const
  const block = { ...rest, config, env, header, transactions: [unsigned] }
  const outcome = await executor.execute(block, view)
  if (outcome.kind === 'executed') {
    const changes = new Overlay(view)
    for (const each of outcome.changes) changes.apply(each)
    const logs = outcome.receipts.flatMap((receipt) => receipt.logs)
    return { changes: changes.changes, logs, rejected: undefined }
  }
  const rejected =
    outcome.kind === 'invalid' ? describeRejection(outcome.rejection) : outcome.detail
  return { changes: emptyChangeSet(), logs: [], rejected }
}

/** The suite pays the beneficiary a reward of zero at the end, which before EIP-161 brings it to life. */
function settle(version: Version, { header, rules }: StateTest, changes: ChangeSet): Version {
  const after = applyChanges(version, changes)
  if (isActive(rules, 'spuriousDragon')) return after
  if (accountLeaf(after, header.beneficiary) !== undefined) return after
  const touched = new Map([[header.beneficiary, { life: 'created' as const }]])
  return applyChanges(after, { accounts: touched, codes: new Map() })
}

function verdict(
  { expected }: StateTest,
  rejected: string | undefined,
  stateRoot: Hash,
  logsHash: Hash,
): string | undefined {
  if (rejected !== undefined) {
    return expected.exception === undefined ? `rejected: ${rejected}` : rejected
  }
  if (expected.exception !== undefined) return `accepted, expected ${expected.exception}`
  if (stateRoot !== expected.stateRoot) return `state root: expected ${expected.stateRoot}`
  return logsHash === expected.logsHash ? undefined : `logs hash: expected ${expected.logsHash}`
}

/** BLOCKHASH in state tests: the hash of the number's decimal digits. */
function testBlockHash(number: bigint): Hash {
  return keccakHash(Buffer.from(number.toString()))
}

function hashLogs(logs: readonly Log[]): Hash {
  const items = logs.map(({ address, topics, data }) => [
    hexToBytes(address),
    topics.map(hexToBytes),
    data,
  ])
  return keccakHash(encodeRlp(items))
}
