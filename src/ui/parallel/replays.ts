import type { Replay } from '../../client/block-answers.ts'
import { client } from '../net/client.ts'
import { queries, useFixed } from '../net/live.ts'

const keyOf = (block: number) => ['replays', block]

/** A block's runs on real lanes that were asked for on this page, whichever part of it asked. */
export function useReplays(block: number | undefined): readonly Replay[] {
  const { data = [] } = useFixed<readonly Replay[]>(keyOf(block ?? -1), () => Promise.resolve([]))
  return data
}

/** Runs a block once more; all who `useReplays` see it. */
export async function replay(block: number, executor: string, workers: number): Promise<Replay> {
  const found = await client.replayBlock(block, { executor, workers })
  queries.setQueryData<readonly Replay[]>(['fixed', ...keyOf(block)], (before = []) => [
    ...before,
    found,
  ])
  return found
}

const ROUNDS = 3
const LANES = [1, 2, 4] as const

/** Each of the node's own executors, one after another so that they do not disturb each other. */
export async function replayByAll(block: number): Promise<void> {
  const { executors } = await client.getParallelConfig()
  for (let round = 0; round < ROUNDS; round++) {
    for (const executor of executors) {
      for (const workers of executor === 'serial' ? [1] : LANES) {
        await replay(block, executor, workers)
      }
    }
  }
}
