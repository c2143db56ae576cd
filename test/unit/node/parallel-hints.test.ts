import { afterEach, describe, expect, it } from 'vitest'

import { createNode } from '../../../src/node/create-node.ts'
import type { HeddleNode } from '../../../src/node/node.ts'

let node: HeddleNode | undefined
afterEach(() => node?.close())

type Access = { balanceChanges: { index: string; value: string }[] }

/** A node whose block 1 has three transfers. */
async function start() {
  const made = await createNode({ workers: 1, artefactDirs: [], mining: { kind: 'manual' } })
  node = made
  const ask = async <T = unknown>(method: string, ...params: unknown[]): Promise<T> =>
    (await made.request({ method, params })) as T
  for (const { address: from } of made.accounts.slice(0, 3)) {
    await ask('eth_sendTransaction', { from, to: from, value: '0x1' })
  }
  await ask('evm_mine')
  return ask
}

describe('what a replay is told of a block', () => {
  it.each([
    [{ executor: 'dag', dependencies: [[]] }, '`options.dependencies`: expected 3 lists'],
    [
      { executor: 'dag', dependencies: [[], [2], []] },
      '`options.dependencies[1][0]`: 2 points forward',
    ],
    [
      { executor: 'dag', dependencies: [[1], [0], []] },
      '`options.dependencies[0][0]`: a cycle, 0 waits for 1',
    ],
    [
      { executor: 'dag', dependencies: [[], ['x'], []] },
      '`options.dependencies[1][0]`: expected a number',
    ],
    [{ executor: 'dag', dependencies: [[], 1, []] }, '`options.dependencies[1]`: expected a list'],
    [{ executor: 'dag', hints: 'guessed' }, '`options.hints`: expected one of recorded, declared'],
    [
      { executor: 'optimistic', dependencies: [[], [], []] },
      '`options.dependencies`: only dag takes any',
    ],
    [{ executor: 'bal', hints: 'declared' }, '`options.hints`: only dag takes any'],
    [
      { executor: 'serial', blockAccessList: [] },
      '`options.blockAccessList`: only bal and dag take one',
    ],
    [
      { executor: 'dag', dependencies: [[], [], []], blockAccessList: [] },
      '`options.dependencies` and `options.blockAccessList`: expected one of them',
    ],
    [{ executor: 'bal', blockAccessList: [] }, "`options.blockAccessList` is not the block's: 0x"],
  ])('is refused as %j', async (options, problem) => {
    const ask = await start()
    await expect(ask('parallel_replayBlock', '0x1', options)).rejects.toMatchObject({
      code: -32602,
      message: expect.stringContaining(problem),
    })
  })

  it('is refused by the entry of an access list that is wrong', async () => {
    const ask = await start()
    const blockAccessList = await ask<Access[]>('eth_getBlockAccessList', '0x1')
    const at = blockAccessList.findIndex(({ balanceChanges }) => balanceChanges.length > 0)
    blockAccessList[at]!.balanceChanges[0]!.value = '0x7'
    const bal = { executor: 'bal', blockAccessList }
    await expect(ask('parallel_replayBlock', '0x1', bal)).rejects.toThrow(
      /is not the block's: 0x[0-9a-f]{40} balanceChanges at index [0-9]+: expected 0x[0-9a-f]+, got 0x7/,
    )
    blockAccessList[at]!.balanceChanges[0]!.index = '0x9'
    const dag = { executor: 'dag', blockAccessList }
    await expect(ask('parallel_replayBlock', '0x1', dag)).rejects.toThrow(
      `\`options.blockAccessList[${at}].balanceChanges[0].index\`: 9 is no step of the block, which has 0 to 4`,
    )
  })
})
