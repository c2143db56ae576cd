import { describe, expect, it } from 'vitest'
import { checkReceipts } from '../../../scripts/bench/chain.mjs'
import { Refuted, warmed } from '../../../scripts/bench/measure.mjs'
import { formatReport, makeSection } from '../../../scripts/bench/report.mjs'
import { compareFacts } from '../../../scripts/bench/runner.mjs'

type Outcomes = Parameters<typeof makeSection>[2]['outcomes']

const workload = {
  id: 'demo',
  title: 'A demo',
  metrics: [{ key: 'mine', title: 'mine', unit: 'ms', better: 'lower' as const }],
}
const labels = ['heddle', 'anvil']
const took = (value: number): Outcomes[number][number] => ({
  kind: 'measured',
  samples: { mine: { value } },
})
const section = (
  outcomes: Outcomes,
  disagreements: string[] = [],
): ReturnType<typeof makeSection> => makeSection(workload, labels, { outcomes, disagreements })

describe('a section of the report', () => {
  it('quotes medians and their ratio', () => {
    const made = section([
      [took(4), took(8), took(5)],
      [took(10), took(10), took(90)],
    ])
    expect(made.isVerified).toBe(true)
    expect(made.rows[0]?.ratio).toBe(2)
    expect(formatReport([made], labels)).toContain('mine')
    expect(formatReport([made], labels)).toMatch(/mine +ms +5\.00 +10\.0 +2\.0x/)
  })

  it('quotes nothing of a node that answered wrongly', () => {
    const made = section([[took(4), { kind: 'refuted', message: 'balance: 1' }], [took(10)]])
    expect(made.isVerified).toBe(false)
    expect(made.rows[0]?.ratio).toBeUndefined()
    const text = formatReport([made], labels)
    expect(text).toMatch(/mine +ms +wrong +10\.0 +-/)
    expect(text).toContain('! demo: heddle was wrong: balance: 1')
  })

  it('quotes nothing at all where nodes disagree', () => {
    const made = section([[took(4)], [took(10)]], ['gas: heddle says 1, anvil says 2'])
    expect(made.isVerified).toBe(false)
    const text = formatReport([made], labels)
    expect(text).toMatch(/mine +ms +wrong +wrong +-/)
    expect(text).toContain('! demo: disagreement: gas: heddle says 1, anvil says 2')
  })

  it('keeps a failure and a lateness in the row of their node', () => {
    const made = section([
      [{ kind: 'late', capMs: 100_000 }],
      [{ kind: 'failed', message: 'gone' }],
    ])
    expect(made.isVerified).toBe(true)
    const text = formatReport([made], labels)
    expect(text).toMatch(/mine +ms +not in 100 s +failed +-/)
    expect(text).toContain('! demo: anvil failed: gone')
  })

  it('marks a figure that the bench itself held back', () => {
    const busy: Outcomes[number][number] = {
      kind: 'measured',
      samples: { mine: { value: 3, clientShare: 0.95, cpuMs: 2, cold: 9 } },
    }
    const text = formatReport([section([[busy], [took(3)]])], labels)
    expect(text).toMatch(/3\.00\* \(9\.00\) +3\.00 +1\.0x +2\.00/)
    expect(text).toContain('the node may be faster than shown')
  })
})

describe('facts', () => {
  it('must be equal where two nodes state the same one', () => {
    const ours = new Map([
      ['gas', '1'],
      ['root', '0xaa'],
      ['only ours', 'x'],
    ])
    const theirs = new Map([
      ['gas', '2'],
      ['root', '0xaa'],
    ])
    expect(compareFacts(labels, [ours, theirs])).toEqual(['gas: heddle says 1, anvil says 2'])
    expect(compareFacts(['heddle'], [ours])).toEqual([])
  })
})

describe('samples of one process', () => {
  it('set the first one apart as cold', () => {
    expect(warmed([{ value: 9, cpuMs: 8 }, { value: 3, cpuMs: 2 }, { value: 5 }])).toEqual({
      value: 4,
      cold: 9,
      cpuMs: 2,
    })
    expect(warmed([{ value: 9 }])).toEqual({ value: 9 })
  })
})

describe('receipts of a block', () => {
  const block = { hash: '0xb', gasUsed: '0xa028', transactions: ['0x1', '0x2'] }
  const receipt = (hash: string, cumulative: string): Record<string, unknown> => ({
    transactionHash: hash,
    blockHash: '0xb',
    status: '0x1',
    gasUsed: '0x5014',
    cumulativeGasUsed: cumulative,
    logs: [],
  })
  const good = [receipt('0x1', '0x5014'), receipt('0x2', '0xa028')]

  it('have one digest whatever the order of the transactions', () => {
    const turned = { ...block, transactions: ['0x2', '0x1'] }
    const other = [receipt('0x2', '0x5014'), receipt('0x1', '0xa028')]
    expect(checkReceipts(other, turned)).toBe(checkReceipts(good, block))
  })

  it.each<[string, Record<string, unknown>[]]>([
    ['one is missing', good.slice(1)],
    ['one failed', [{ ...good[0], status: '0x0' }, good[1]!]],
    ['gas does not add up', [good[0]!, { ...good[1], cumulativeGasUsed: '0xa029' }]],
    ['one is of another block', [{ ...good[0], blockHash: '0xc' }, good[1]!]],
    ['they are out of order', good.toReversed()],
  ])('are refused when %s', (_, receipts) => {
    expect(() => checkReceipts(receipts, block)).toThrow(Refuted)
  })
})
