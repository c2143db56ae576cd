import { createPublicClient, webSocket } from 'viem'
import { describe, expect, it } from 'vitest'

import { parallelActions } from '../../../../src/client/viem.ts'
import { createNode } from '../../../../src/node/create-node.ts'
import type { ConsensusChange, ConsensusTimeline } from '../../../../src/rpc/consensus-port.ts'
import { type Virtual, virtualNode } from './support.ts'

/** What somebody knows who heard all changes. */
function known(changes: readonly ConsensusChange[]) {
  const blocks = new Map<string, ConsensusTimeline['blocks'][number]>()
  const rounds = new Map<number, ConsensusTimeline['rounds'][number]>()
  let epoch = -1
  for (const change of changes) {
    if (change.epoch !== epoch) {
      blocks.clear()
      rounds.clear()
    }
    epoch = change.epoch
    for (const block of change.blocks) blocks.set(block.id, block)
    for (const round of change.rounds) rounds.set(round.round, round)
  }
  return { epoch, blocks: [...blocks.values()], rounds: [...rounds.values()], last: changes.at(-1) }
}

async function follow(run: Virtual) {
  const changes = await run.subscribe('parallelConsensus')
  const heard = () => changes() as unknown as readonly ConsensusChange[]
  return { heard, known: () => known(heard()) }
}

const byRound = <T extends { readonly round: number }>(list: readonly T[]): T[] =>
  list.toSorted((a, b) => a.round - b.round)

describe('parallelConsensus', () => {
  it('tells at once how it is, then what changes, and leaves nothing out', async () => {
    await using run = await virtualNode({ preset: 'monad' })
    const { ask } = run
    await ask('parallel_advance', 1_000)
    const told = await follow(run)
    await expect.poll(() => told.heard().length).toBe(1)
    await ask('parallel_injectFault', { kind: 'partition', groups: [['leader']], forMs: 6_000 })
    const [from, to] = run.node.accounts.map(({ address }) => address)
    await ask('eth_sendTransaction', { from, to, value: '0x1' })
    for (let ms = 0; ms < 10_000; ms += 100) await ask('parallel_advance', 100)
    const timeline = await ask<ConsensusTimeline>('parallel_consensusTimeline', { last: 64 })
    await expect.poll(() => told.known().rounds.length).toBe(timeline.rounds.length)
    const { blocks, rounds, epoch, last } = told.known()
    expect(epoch).toBe(timeline.epoch)
    expect(byRound(blocks)).toEqual(byRound(timeline.blocks))
    expect(byRound(rounds)).toEqual(timeline.rounds)
    expect(last?.faults).toEqual(timeline.faults)
    expect(blocks.filter(({ state }) => state === 'withdrawn')).not.toEqual([])
    // No block came of that round: it is told of all the same.
    expect(rounds.filter(({ end }) => end === 'timeout')).not.toEqual([])
    // Only what changed is told again.
    const repeated = told.heard().flatMap((change) => change.blocks.map((it) => JSON.stringify(it)))
    expect(new Set(repeated).size).toBe(repeated.length)
  })

  it('tells that nothing is ordered any longer, and why, and of a new beginning', async () => {
    await using run = await virtualNode({ preset: 'monad' })
    const { ask } = run
    const told = await follow(run)
    const id = await ask('evm_snapshot')
    await ask('parallel_advance', 1_000)
    for (const validator of [1, 2]) await ask('parallel_injectFault', { kind: 'crash', validator })
    for (let ms = 0; ms < 9_000; ms += 100) await ask('parallel_advance', 100)
    await expect
      .poll(() => told.known().last?.standsStill)
      .toMatch(/validators 1, 2 do not take part/)
    await ask('parallel_injectFault', { kind: 'heal' })
    await ask('evm_revert', id)
    for (let ms = 0; ms < 4_000; ms += 100) await ask('parallel_advance', 100)
    await expect.poll(() => told.known().epoch).toBe(1)
    await expect.poll(() => told.known().last?.standsStill).toBe(null)
    const timeline = await ask<ConsensusTimeline>('parallel_consensusTimeline', { last: 64 })
    await expect
      .poll(() => told.known().blocks.map(({ id: block }) => block))
      .toEqual(timeline.blocks.map(({ id: block }) => block))
  })

  it('is silent where there are no validators', async () => {
    await using node = await createNode({ workers: 1, artefactDirs: [] })
    const heard: unknown[] = []
    node.on('message', (message) => heard.push(message))
    await node.request({ method: 'eth_subscribe', params: ['parallelConsensus'] as never })
    await node.request({ method: 'anvil_mine', params: ['0x2'] })
    expect(heard).toEqual([])
  })

  it('is an action of the client, and one of the kinds that rpc_discover lists', async () => {
    await using node = await createNode({
      workers: 1,
      artefactDirs: [],
      consensus: { preset: 'monad', set: { blockMs: 20, timeoutMs: 400, delayMs: [0, 1] } },
    })
    const { port } = await node.serve({ port: 0 })
    const transport = webSocket(`ws://127.0.0.1:${port}`, { reconnect: false })
    const client = createPublicClient({ transport }).extend(parallelActions())
    let finalized = 0
    const end = await client.subscribeParallel('parallelConsensus', {
      onData: ({ blocks }) => {
        for (const block of blocks) if (block.times.finalized !== null) finalized = block.number
      },
    })
    await expect.poll(() => finalized).toBeGreaterThan(3)
    await end()
    const connection = await client.transport.getRpcClient()
    connection.close()
    const { methods } = (await node.request({ method: 'rpc_discover' })) as {
      methods: { name: string; params: { name: string; schema: { enum?: string[] } }[] }[]
    }
    const [kind] = methods.find(({ name }) => name === 'eth_subscribe')!.params
    expect(kind!.schema.enum).toContain('parallelConsensus')
  })
})
