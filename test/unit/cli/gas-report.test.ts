import { expect, it } from 'vitest'

import { GasReport } from '../../../src/cli/gas-report.ts'
import type { MinedTransaction, NodeEvent } from '../../../src/node/events.ts'

function mined(label: string, gasUsed: bigint, failure?: string): NodeEvent {
  const transaction = { label, failure, receipt: { gasUsed } } as MinedTransaction
  return { kind: 'mined', transactions: [transaction] } as unknown as NodeEvent
}

it('counts calls by function, with the least, the average and the most gas', () => {
  const report = new GasReport()
  expect(report.render()).toBe('')
  report.listener(mined('Token.transfer', 30_000n))
  report.listener(mined('Token.transfer', 50_001n, 'execution reverted'))
  report.listener(mined('Token (new)', 1_000_000n))
  report.listener({ kind: 'notice', level: 'info', text: 'x' })
  expect(report.render()).toBe(
    [
      'Gas, measured   calls  failed    least  average     most',
      'Token (new)         1       0  1000000  1000000  1000000',
      'Token.transfer      2       1    30000    40000    50001',
      '',
    ].join('\n'),
  )
})
