import { createNode } from '../../../../src/node/create-node.ts'
import type { HeddleNode } from '../../../../src/node/node.ts'
import type { ConsensusOptions } from '../../../../src/node/pipeline/presets.ts'
import type { NodeConfig } from '../../../../src/node/config.ts'

type Fields = Readonly<Record<string, unknown>>

/** `parallel_consensusStatus`, as far as tests read it. */
interface Status {
  readonly nowMs: number
  readonly epoch: number
  readonly round: number
  readonly leader: number
  readonly blocks: Readonly<
    Record<'proposed' | 'executed' | 'voted' | 'finalized' | 'verified', number>
  >
  readonly execution: { readonly lag: number; readonly mostLag: number; readonly isBehind: boolean }
  readonly withdrawnBlocks: number
  readonly leftOutTransactions: number
  readonly pooled: number
  readonly refusedProposals: number
  readonly equivocations: number
  readonly standsStill: string | null
  readonly faults: readonly Fields[]
}

interface TimelineBlock {
  readonly id: string
  readonly number: number
  readonly state: string
  readonly hash: string | null
  readonly stateRoot: string | null
  readonly delayedRoot: { readonly number: number; readonly root: string } | null
  readonly transactions: number
  readonly times: Readonly<Record<string, number | null>>
}

export type Virtual = AsyncDisposable & {
  readonly node: HeddleNode
  readonly ask: <T = Fields>(method: string, ...params: unknown[]) => Promise<T>
  readonly status: () => Promise<Status>
  readonly blocks: () => Promise<readonly TimelineBlock[]>
  /** Milliseconds, in small steps, until it is so; fails after a minute of virtual time. */
  readonly until: (isSo: (status: Status) => boolean | Promise<boolean>) => Promise<Status>
  /** What a subscription heard, in its order. */
  readonly subscribe: (...params: unknown[]) => Promise<() => readonly Fields[]>
}

/** A node whose consensus has a clock that stands still, so that nothing depends on this machine. */
export async function virtualNode(
  consensus: ConsensusOptions,
  config: Partial<NodeConfig> = {},
): Promise<Virtual> {
  const node = await createNode({
    workers: 1,
    artefactDirs: [],
    genesisTimestamp: 1_700_000_000n,
    ...config,
    consensus: { ...consensus, set: { clock: 'virtual', ...consensus.set } },
  })
  const heard = new Map<string, Fields[]>()
  node.on('message', (message) => {
    const { subscription, result } = (message as { data: { subscription: string; result: Fields } })
      .data
    heard.set(subscription, [...(heard.get(subscription) ?? []), result])
  })
  const ask = async <T = Fields>(method: string, ...params: unknown[]): Promise<T> =>
    (await node.request({ method, params })) as T
  const status = (): Promise<Status> => ask<Status>('parallel_consensusStatus')
  return {
    node,
    ask,
    status,
    blocks: async () =>
      (await ask<{ blocks: TimelineBlock[] }>('parallel_consensusTimeline', { last: 1024 })).blocks,
    async until(isSo) {
      for (let step = 0; step < 6_000; step++) {
        const now = await status()
        if (await isSo(now)) return now
        await ask('parallel_advance', 10)
      }
      throw new Error(`it never was so: ${JSON.stringify(await status())}`)
    },
    async subscribe(...params) {
      const id = await ask<string>('eth_subscribe', ...params)
      return () => heard.get(id) ?? []
    },
    [Symbol.asyncDispose]: () => node.close(),
  }
}
