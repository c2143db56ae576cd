import { describe, expect, it } from 'vitest'

import {
  type ExecutedTo,
  firstExecutionDifference,
} from '../../../src/chain/execution-difference.ts'
import type { ExecutedBlock } from '../../../src/executor/executor.ts'
import { newChain } from '../../../src/chain/open-chain.ts'
import { ZERO_ADDRESS, ZERO_HASH } from '../../../src/primitives/hex.ts'
import { executor, genesisAt, transfer } from '../../support/dev-chain.ts'

/** A block of two transfers as it was executed. */
async function executedBlock(): Promise<ExecutedTo> {
  const chain = newChain(genesisAt('osaka'), executor)
  const { header } = chain.head.block
  const plan = {
    timestamp: header.timestamp + 1n,
    beneficiary: ZERO_ADDRESS,
    gasLimit: header.gasLimit,
    parentBeaconBlockRoot: header.stateRoot,
  }
  const transactions = [transfer(0, 0n), transfer(1, 0n)]
  const { executed, record } = await chain.build(plan, { transactions })
  return { executed, stateRoot: record.block.header.stateRoot }
}

describe('the first difference of two executions', () => {
  it('is none of a block and itself', async () => {
    const one = await executedBlock()
    expect(firstExecutionDifference(one, one)).toBeUndefined()
  })

  it('is of the first transaction that differs, before what the block has', async () => {
    const one = await executedBlock()
    const { executed } = one
    const changed = (change: Partial<ExecutedBlock>, stateRoot = one.stateRoot): ExecutedTo => ({
      executed: { ...executed, ...change },
      stateRoot,
    })
    const [first, second] = executed.receipts
    const gas = changed({ receipts: [first!, { ...second!, gasUsed: 1n }] }, ZERO_HASH)
    expect(firstExecutionDifference(one, gas)).toEqual({
      what: 'gasUsed',
      index: 1,
      expected: '21000',
      got: '1',
    })
    const output = changed({ outputs: [executed.outputs[0]!, Uint8Array.of(1)] })
    expect(firstExecutionDifference(one, output)).toMatchObject({ what: 'output', index: 1 })
    const short = changed({ transactions: executed.transactions.slice(0, 1) })
    expect(firstExecutionDifference(one, short)).toMatchObject({ what: 'transaction', got: 'none' })
    expect(firstExecutionDifference(short, one)).toMatchObject({ what: 'transactions', got: '2' })
    const logs = changed({ receipts: [{ ...first!, outcome: { success: false } }, second!] })
    expect(firstExecutionDifference(one, logs)).toMatchObject({ what: 'receipt', index: 0 })
    expect(firstExecutionDifference(one, changed({}, ZERO_HASH))).toMatchObject({
      what: 'stateRoot',
      index: undefined,
      got: ZERO_HASH,
    })
  })
})
