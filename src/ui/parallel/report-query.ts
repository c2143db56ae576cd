import type { Contention } from '../../client/answers.ts'
import { ask, client } from '../net/client.ts'
import { type Window, subjectOf, writeWindow } from './window.ts'

/** The report of a window, and the newest block when it was asked for. @param round counts up to ask again */
export function reportQuery(window: Window, round = 0) {
  return {
    queryKey: ['fixed', 'contention', writeWindow(window), round],
    queryFn: async (): Promise<{ readonly report: Contention; readonly askedAt: bigint }> => {
      const [head, report] = await Promise.all([
        ask<string>('eth_blockNumber'),
        client.getContention(subjectOf(window)),
      ])
      return { report, askedAt: BigInt(head) }
    },
  }
}
