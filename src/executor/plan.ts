import type { Engine, ExecutionOptions } from '../evm/engine.ts'
import { encodeTransaction } from '../evm/wasm/encode.ts'
import { type Rules, isActive } from '../model/fork.ts'
import { GAS_PER_BLOB } from '../model/fees.ts'
import type { Rejection } from '../model/rejection.ts'
import type { ChangeSet } from '../state/access.ts'
import type { StateView } from '../state/view.ts'
import type { BlockInput } from './executor.ts'
import type { Expected } from './expected.ts'
import type { ChaosPlan } from './lane/chaos.ts'
import { dependencies, foretoldBy } from './lane/hints.ts'
import { MAX_TRANSACTIONS } from './lane/layout.ts'
import type { Schedule } from './lane/schedules.ts'
import type { LaneBlock, LaneItem } from './lane/stage.ts'

/** A block for the shared state, and what is known to be refused before anything runs. */
export interface Plan {
  readonly block: Omit<LaneBlock, 'prior'>
  /** The block's transactions as the lanes count them: places in the block. */
  readonly places: readonly number[]
  readonly refused: ReadonlyMap<number, Rejection>
}

export interface PlanOptions {
  readonly engine: Engine
  readonly schedule: Schedule
  /** Where encodings are. */
  readonly expected: Expected
  readonly chaos?: ChaosPlan | undefined
}

/** @returns why the block cannot run on shared state, if so */
export function planOf(block: BlockInput, options: PlanOptions): Plan | string {
  const { rules, header } = block.env
  const obstacle = obstacleTo(block)
  if (obstacle !== undefined) return obstacle
  const items: LaneItem[] = []
  const places: number[] = []
  const refused = new Map<number, Rejection>()
  const executionOptions: (ExecutionOptions | undefined)[] = []
  const isReference = options.engine.name !== 'wasm'
  const after = options.schedule === 'dag' ? dependencies(block) : () => 0
  for (const [index, tx] of block.transactions.entries()) {
    const own = block.optionsOf?.(index)
    if (own?.observer !== undefined || own?.patience !== undefined) return 'it is observed'
    const ahead = isReference ? undefined : options.expected.take(tx, block.env, own?.switches)
    let encoded = ahead?.bytes
    // A block that an invalid one ends is encoded while lanes are at it: then it is given up.
    if (ahead === undefined && !isReference && block.onRejection === 'skip') {
      const now = encodeTransaction(tx, block.env, own?.switches)
      if ('kind' in now) {
        refused.set(index, now)
        continue
      }
      encoded = now
    }
    const reads = block.hintOf?.(index)?.reads
    const waitsFor = after(items.length, index, tx)
    items.push({
      tx,
      encoded,
      switches: own?.switches,
      cachedIn: ahead?.cachedIn,
      reads,
      after: waitsFor,
      foretold: undefined,
    })
    places.push(index)
    executionOptions.push(own)
  }
  if (items.length === 0) return 'there is nothing to run'
  const limits = {
    gas: Number(header.gasLimit),
    blobGas: (rules.blob?.max ?? 0) * Number(GAS_PER_BLOB),
    stopsAtRejection: block.onRejection === 'stop',
  }
  const reference = isReference
    ? { transactions: items.map((it) => it.tx), options: executionOptions }
    : undefined
  const { schedule, chaos } = options
  const { stateId } = block
  return {
    block: {
      env: block.env,
      stateId,
      schedule,
      limits,
      items,
      reference,
      chaos,
      isRecorded: block.recorded === true,
    },
    places,
    refused,
  }
}

/**
 * The block on the state that the protocol made before its transactions: now the access list can be told what comes from whom.
 * @param working that state, @param prior what it changed
 */
export function onState(
  { block: { items, ...rest } }: Plan,
  { accessList }: BlockInput,
  working: StateView,
  prior: ChangeSet,
): LaneBlock {
  if (rest.schedule !== 'bal' || accessList === undefined) return { ...rest, items, prior }
  const told = foretoldBy(accessList, items.length, working)
  const foretold = items.map((it, i): LaneItem => ({ ...it, foretold: told[i + 1] }))
  return { ...rest, items: foretold, prior }
}

/** Why blocks by these rules cannot run on shared state. */
export function obstacleIn(rules: Rules): string | undefined {
  if (!isActive(rules, 'byzantium')) return 'receipts before Byzantium have a root each'
  if (isActive(rules, 'amsterdam')) return 'Amsterdam counts gas in two dimensions'
  return undefined
}

/** Why no lane can run this block, whatever is gained. */
function obstacleTo({ env, transactions, header }: BlockInput): string | undefined {
  const obstacle = obstacleIn(env.rules)
  if (obstacle !== undefined) return obstacle
  if (transactions.length > MAX_TRANSACTIONS) return `it has over ${MAX_TRANSACTIONS} transactions`
  if (header.gasLimit > Number.MAX_SAFE_INTEGER) return 'its gas limit is beyond 2^53'
  return undefined
}
