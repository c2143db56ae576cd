import { describe, expect, it } from 'vitest'

import type { DevChain } from '../../../src/chain/dev-chain.ts'
import type { Block } from '../../../src/model/block.ts'
import { AttemptLog } from '../../../src/executor/lane/attempts.ts'
import { LaneLog } from '../../../src/executor/runs.ts'
import { BlockRecordings } from '../../../src/chain/block-recordings.ts'
import { newChain } from '../../../src/chain/open-chain.ts'
import { loadWasmEngine } from '../../../src/evm/load.ts'
import type { ExecutedBlock } from '../../../src/executor/executor.ts'
import { createInlineExecutor } from '../../../src/executor/inline.ts'
import {
  USERS,
  devChain,
  executor,
  genesisAt,
  referenceExecutor,
  send,
  transfer,
} from '../../support/dev-chain.ts'

const EXECUTORS = {
  'in order': executor,
  'in order, on shared state': createInlineExecutor(await loadWasmEngine(), { fewest: 1 }),
  'by the reference engine': referenceExecutor,
}

/** A chain whose newest block has two transfers, and what came of it. */
async function mined(
  name: keyof typeof EXECUTORS,
  limit: number,
): Promise<[DevChain, ExecutedBlock]> {
  const dev = devChain({ chain: newChain(genesisAt('osaka'), EXECUTORS[name]) })
  dev.chain.recordings.limit = limit
  let executed: ExecutedBlock | undefined
  dev.listen((event) => {
    if (event.kind === 'mined') executed = event.built.executed
  })
  for (const from of [0, 1]) send(dev, transfer(from, 0n))
  await dev.mine()
  return [dev, executed!]
}

describe.each(Object.keys(EXECUTORS) as (keyof typeof EXECUTORS)[])(
  'a block executed %s',
  (name) => {
    it('is kept with what it accessed and how it ran', async () => {
      const [dev, executed] = await mined(name, 4)
      const kept = dev.chain.recordings.find(dev.chain.head.block.hash)!
      const plain = (it: ExecutedBlock['accesses'][number]) => ({
        reads: it.reads,
        writes: it.writes.accounts,
        volatile: it.volatile,
        precision: it.precision,
      })
      expect(kept.accesses.map(plain)).toEqual(executed.accesses.map(plain))
      const { ticks, ...report } = executed.report
      expect(kept.report).toEqual(report)
      expect(kept.runs.flatMap(({ start, end }) => [start, end])).toEqual(
        [0, 1, 1, 2].map((at) => ticks![at]),
      )
      expect(kept.runs.map(({ index, outcome }) => [index, outcome])).toEqual([
        [0, 'merged'],
        [1, 'merged'],
      ])
      for (const { start, end } of kept.runs) expect(end).toBeGreaterThanOrEqual(start)
      expect(kept.merges).toEqual([])
      expect(kept.steps.map(({ name }) => name)).toEqual(['root', 'commit'])
      const [root, commit] = kept.steps
      expect(root!.start).toBe(executed.report.ms)
      expect(commit!.start).toBeGreaterThanOrEqual(root!.end)
      // EIP-4788 and EIP-2935 before, EIP-7002 and EIP-7251 after.
      expect(kept.around.before.length).toBe(2)
      expect(kept.around.after.length).toBe(2)
      const slots = kept.around.before.flatMap(({ writes }) => [...writes.accounts.values()])
      expect(slots.some((it) => it.slots !== undefined)).toBe(true)
    })

    it('leaves nothing when nothing is recorded', async () => {
      const [dev, executed] = await mined(name, 0)
      expect(executed.around).toBeUndefined()
      expect(executed.report.ticks).toBeUndefined()
      expect(dev.chain.recordings.find(dev.chain.head.block.hash)).toBeUndefined()
    })
  },
)

describe('records of blocks', () => {
  it('are those of the newest blocks that have transactions', async () => {
    const [dev] = await mined('in order', 2)
    const blocks: Block[] = [dev.chain.head.block]
    for (const nonce of [1n, 2n]) {
      send(dev, transfer(0, nonce))
      blocks.push(await dev.mine())
      await dev.mine()
    }
    const isKept = (): boolean[] =>
      blocks.map(({ hash }) => dev.chain.recordings.find(hash) !== undefined)
    expect(isKept()).toEqual([false, true, true])
    dev.chain.recordings.limit = 1
    expect(isKept()).toEqual([false, false, true])
  })

  it('count transactions as the block has them, without those left out', async () => {
    const dev = devChain()
    dev.chain.recordings.limit = 1
    const parent = dev.chain.head
    const txs = [transfer(0, 5n), transfer(1, 0n), transfer(2, 9n), transfer(3, 0n)]
    const built = await dev.chain.build(
      { timestamp: 1_800_000_000n, beneficiary: USERS[0]!, gasLimit: 30_000_000n },
      { transactions: txs },
      parent,
    )
    expect(built.executed.skipped.map(({ index }) => index)).toEqual([0, 2])
    dev.chain.commit(built)
    const kept = dev.chain.recordings.find(built.record.block.hash)!
    expect(kept.runs.map(({ index }) => index)).toEqual([0, 1])
    expect(kept.accesses.map(({ reads }) => reads.has(USERS[1]!))).toEqual([true, false])
  })

  it('have when transactions took effect, by their places in the block, and the steps of the block', async () => {
    const [dev, executed] = await mined('in order', 1)
    const { hash } = dev.chain.head.block
    const mergeOf = (index: number) => ({ index, lane: 1, start: 2 * index, end: 2 * index + 1 })
    const lanes = { name: 'lanes', start: 0, end: 8 } as const
    const attempts = new AttemptLog()
    for (const tx of [0, 1, 2]) {
      const { start, end } = mergeOf(tx)
      attempts.pushMerge(tx, 1_000 + start, 1_000 + end)
    }
    const account = { lane: 1, attempts: attempts.packed(), aborts: [], leftOut: [], trace: 0 }
    const log = new LaneLog([account], [0, 1, 2], 1_000)
    const { ticks: _ticks, ...rest } = executed.report
    const report = { ...rest, log, steps: [lanes] }
    const skipped = [{ index: 1, rejection: { kind: 'nonceTooLow' } as never }]
    const root = { name: 'root', start: 8, end: 9 } as const
    dev.chain.recordings.keep(hash, { ...executed, report, skipped }, [root])
    const { merges, steps } = dev.chain.recordings.find(hash)!
    expect(merges).toEqual([mergeOf(0), { ...mergeOf(2), index: 1 }])
    expect(steps).toEqual([lanes, root])
  })

  it('are forgotten by their size too', async () => {
    const [dev, executed] = await mined('in order', 1)
    const recordings = new BlockRecordings()
    recordings.limit = 1_000
    const { hash } = dev.chain.head.block
    const accesses = Array.from({ length: 200_000 }, () => executed.accesses[0]!)
    const many = { ...executed, results: { ...executed.results, accesses } }
    recordings.keep(hash, many)
    expect(recordings.find(hash)).toBeUndefined()
    recordings.keep(hash, executed)
    expect(recordings.find(hash)).toBeDefined()
  })
})
