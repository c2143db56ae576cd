import { describe, expect, it } from 'vitest'

import { JsonPieces, holdsPieces, toPieces } from '../../../src/primitives/json-pieces.ts'

const pieces = new JsonPieces(['1,{"a":2}', ',"three"'])

describe('JSON in pieces', () => {
  it.each([
    ['a list alone', pieces],
    [
      'in an object, with what is undefined left out',
      { gas: 1, none: undefined, structLogs: pieces },
    ],
    ['in lists of objects', [{ txHash: '0x1', result: { structLogs: pieces } }, { result: null }]],
    ['without any', { a: [1, 2, { b: null }] }],
  ])('is what JSON.stringify makes: %s', (_, value) => {
    expect(toPieces(value).join('')).toBe(JSON.stringify(value))
  })

  it('is known to be there without a look at every item', () => {
    expect(holdsPieces([[{ result: { structLogs: pieces } }]])).toBe(true)
    expect(holdsPieces({ a: [{ b: 1 }] })).toBe(false)
    expect(holdsPieces('text')).toBe(false)
    expect(holdsPieces(null)).toBe(false)
  })

  it('of nothing is an empty list', () => {
    expect(toPieces({ structLogs: new JsonPieces([]) }).join('')).toBe('{"structLogs":[]}')
  })
})
