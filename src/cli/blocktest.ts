import type { Engine } from '../evm/engine.ts'
import type { Chain } from '../chain/chain.ts'
import { newChain } from '../chain/open-chain.ts'
import type { Executor } from '../executor/executor.ts'
import { decodeBlock } from '../model/codec/block.ts'
import { type Hash, ZERO_HASH } from '../primitives/hex.ts'
import { type ArrivingBlock, type BlockCase, type BlockTest, blockCases } from './block-fixture.ts'
import { type OptionValues, executorOf } from './tool-options.ts'
import { describeThrown } from './tool-output.ts'
import { type Fixtures, runCases, runSuiteTool } from './tool-suite.ts'

const USAGE = `usage: heddle blocktest [options] FILE|DIR...
  Runs Ethereum's official blockchain tests: valid blocks are imported, invalid ones refused.
  --fork NAME        only tests of this fork; may be given more than once
  --executor NAME    serial (default), optimistic, block-stm, dag or bal
  --workers N        threads of a parallel executor, auto (default) for one a processor
  --engine NAME      wasm (default) or ethereumjs`

/** What `heddle blocktest` prints of one test: the head's hash and state root at the end. */
export interface BlockTestResult {
  readonly pass: boolean
  readonly lastBlockHash: Hash
  readonly stateRoot: Hash
  readonly error?: string
}

/**
 * Runs official block tests: one JSON line per test on stdout.
 * @param argv what follows the command's name
 * @returns the exit code: 0 all pass, 1 some fail, 2 bad usage or an unreadable file
 */
export function blocktest(argv: readonly string[]): Promise<number> {
  const tool = { name: 'blocktest', usage: USAGE, run: runFiles }
  return runSuiteTool(tool, argv)
}

async function runFiles(engine: Engine, files: Fixtures, values: OptionValues): Promise<number> {
  const opened = executorOf(values, engine)
  try {
    return await runCases(files, blockCases, (test) => runBlockCase(opened.executor, test))
  } finally {
    await opened.close()
  }
}

/** Runs one test. What is thrown on the way is a failure, never an exception. */
export async function runBlockCase(executor: Executor, test: BlockCase): Promise<BlockTestResult> {
  let chain: Chain | undefined
  let error: string | undefined
  try {
    const opened = test.open()
    chain = newChain(opened.genesis, executor)
    error = await playBlocks(chain, opened)
  } catch (thrown) {
    error = describeThrown(thrown)
  }
  const lastBlockHash = chain?.head.block.hash ?? ZERO_HASH
  const stateRoot = chain?.head.version.stateRoot ?? ZERO_HASH
  const pass = error === undefined
  return { pass, lastBlockHash, stateRoot, ...(error === undefined ? {} : { error }) }
}

/** What went otherwise than the test has it; undefined when nothing did. */
async function playBlocks(chain: Chain, test: BlockTest): Promise<string | undefined> {
  const genesis = chain.head.block.hash
  if (genesis !== test.genesisHash) return `genesis: expected ${test.genesisHash}, got ${genesis}`
  const taken = new Set([genesis])
  for (const [index, block] of test.blocks.entries()) {
    const before = chain.head
    const refusal = await offer(chain, block, taken)
    const { exception } = block
    if (exception === undefined && refusal !== undefined) {
      return `block ${index}: refused, expected to be valid: ${refusal}`
    }
    if (exception !== undefined && refusal === undefined) {
      return `block ${index}: imported, expected ${exception}`
    }
    if (exception !== undefined && chain.head !== before) {
      return `block ${index}: refused, but the head moved`
    }
  }
  const last = chain.head.block.hash
  return last === test.lastBlockHash
    ? undefined
    : `last block: expected ${test.lastBlockHash}, got ${last}`
}

/** Why the chain did not take the block; undefined when it did, now or before. @param taken the hashes of those that it took */
async function offer(
  chain: Chain,
  { bytes }: ArrivingBlock,
  taken: Set<Hash>,
): Promise<string | undefined> {
  const decoded = decodeBlock(bytes)
  if (!decoded.ok) return decoded.error
  const block = decoded.value
  if (taken.has(block.hash)) return undefined
  const outcome = await chain.import(block)
  if (outcome.kind === 'refused') return outcome.detail
  taken.add(block.hash)
  return undefined
}
