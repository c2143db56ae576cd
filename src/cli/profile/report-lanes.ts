import { type Ask, Refused } from './client.ts'

/** How a block ran in lanes: for the page of a report, which can ask nobody. */
export interface RanInLanes {
  /** As it was mined. */
  readonly measured: unknown
  /** Once more, now, in order and by each of the node's executors with as many lanes as it has. */
  readonly replays: readonly unknown[]
}

interface Settings {
  readonly executors: readonly string[]
  readonly workers: number
}

/** Medians are shown. */
const ROUNDS = 3

/** @returns undefined when the subject is not one mined block as it is on the chain, or the node cannot run it any more */
export async function lanesOf(ask: Ask, subject: object): Promise<RanInLanes | undefined> {
  const { block, spreadSenders } = subject as { block?: unknown; spreadSenders?: boolean }
  if (typeof block !== 'string' || block === 'pending' || spreadSenders === true) return undefined
  try {
    const { measured } = (await ask('parallel_getExecution', block)) as {
      readonly measured: unknown
    }
    const { executors, workers } = (await ask('parallel_getConfig')) as Settings
    const replays: unknown[] = []
    for (let round = 0; round < ROUNDS; round++) {
      for (const executor of executors) {
        const options = executor === 'serial' ? { executor } : { executor, workers }
        replays.push(await ask('parallel_replayBlock', block, options))
      }
    }
    return { measured, replays }
  } catch (error) {
    if (error instanceof Refused) return undefined
    throw error
  }
}
