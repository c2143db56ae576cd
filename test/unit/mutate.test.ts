import { describe, expect, it } from 'vitest'

import { mutantsOf, scoreOf } from '../../scripts/mutate/mutants.mjs'

const namesOf = (source: string, file = 'a.ts'): string[] =>
  mutantsOf(file, source).map(({ name }) => name)

describe('mutants of a source', () => {
  it('leave out checks, charges and what is to be taken back', () => {
    const source =
      '  if (cost > left) return OUT_OF_GAS\n  setGas(gas - cost)\n  noteNonce(account)\n  go()'
    expect(namesOf(source)).toEqual([
      'a.ts: without if (cost > left) return OUT_OF_GAS',
      'a.ts: >= in if (cost > left) return OUT_OF_GAS',
      'a.ts: without setGas(gas - cost)',
      'a.ts: without noteNonce(account)',
    ])
  })
  it('change amounts of gas by one, and no other numbers', () => {
    const source = [
      'const NEW_GAS: i64 = 25_000 // not 9',
      'function wordsOf(size: u64): u64 {',
      '  return (size + 31) >> 5',
      '}',
      'const at = sp - 32',
      'let cost: i64 = 0',
      "const text = 'gas 5'",
    ].join('\n')
    expect(mutantsOf('a.ts', source).map(({ name }) => name)).toEqual([
      'a.ts: 25001 for 25_000 in const NEW_GAS: i64 = 25_000 // not 9',
      'a.ts: 24999 for 25_000 in const NEW_GAS: i64 = 25_000 // not 9',
      'a.ts: 32 for 31 in return (size + 31) >> 5',
      'a.ts: 30 for 31 in return (size + 31) >> 5',
      'a.ts: 6 for 5 in return (size + 31) >> 5',
      'a.ts: 4 for 5 in return (size + 31) >> 5',
    ])
    const [more] = mutantsOf('a.ts', 'if (isDear) price = 60n + 12n * words')
    expect(more?.text).toBe('if (isDear) price = 61n + 12n * words')
  })
  it('keep a statement where a line was', () => {
    const [mutant] = mutantsOf('a.ts', 'if (x) go()\nelse if (y) return OUT_OF_GAS\n')
    expect(mutant?.text).toBe('if (x) go()\n;\n')
  })
  it('keep what comes after an else', () => {
    const [mutant] = mutantsOf('a.ts', 'if (x) setRefund(0)\nelse go()\n')
    expect(mutant?.text).toBe('if (false) {}\nelse go()\n')
  })
  it('drop a carry', () => {
    const [mutant] = mutantsOf('a.ts', '  const r2 = s2 + c1 + u64(r1 < c0)')
    expect(mutant?.text).toBe('  const r2 = s2 + c1')
  })
  it('are told apart, and keep their names when lines come before them', () => {
    const line = '  setGas(gas - cost)\n'
    const names = ['a.ts: without setGas(gas - cost)', 'a.ts: without setGas(gas - cost) (2)']
    expect(namesOf(line + line)).toEqual(names)
    expect(namesOf(`\n\n${line}${line}`)).toEqual(names)
  })
  it('of the table of prices change each number by one', () => {
    const mutants = mutantsOf('b/gas-table.ts', '0x31: [1_000, 2, 1],')
    expect(mutants.map(({ text }) => text)).toEqual([
      '0x31: [1_000 + 1, 2, 1],',
      '0x31: [1_000, 2 + 1, 1 + 1],',
      '0x31: [1_000, 2, 1 + 1],',
      '0x31: [1_000 - 1, 2, 1],',
      '0x31: [1_000, 2 - 1, 1 - 1],',
    ])
  })
})

describe('the score', () => {
  it('counts what compiles', () => {
    const judged = ['killed', 'killed', 'killed', 'survived', 'equivalent', 'does not compile']
    expect(scoreOf(judged.map((verdict) => ({ verdict })))).toEqual({
      killed: 3,
      survived: 1,
      equivalent: 1,
      other: 1,
      percent: 75,
    })
    expect(scoreOf([]).percent).toBeUndefined()
  })
})
