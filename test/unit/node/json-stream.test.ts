import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonError, type JsonPath, JsonStream } from '../../../src/node/dump/json-stream.ts'

/** What is told of `text` when it comes in pieces that end at `cuts`. */
function told(
  text: string,
  cuts: readonly number[],
  isOpen: (path: JsonPath) => boolean = () => false,
): [JsonPath, unknown][] {
  const values: [JsonPath, unknown][] = []
  const stream = new JsonStream({ isOpen, onValue: (path, value) => values.push([path, value]) })
  let from = 0
  for (const cut of [...cuts, text.length].toSorted((a, b) => a - b)) {
    stream.write(text.slice(from, cut))
    from = Math.max(from, cut)
  }
  stream.end()
  return values
}

const cuts = fc.array(fc.nat(200), { maxLength: 8 })

describe('JSON in pieces', () => {
  it('is what JSON.parse makes of it, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 1, '\t'), cuts, (json, space, places) => {
        const text = JSON.stringify(JSON.parse(json), null, space)
        const within = places.filter((place) => place <= text.length)
        expect(told(text, within)).toEqual([[[], JSON.parse(text)]])
      }),
    )
  })

  it('is told member by member where it is open', () => {
    const text = '{"a":{"x":1,"y":[2,{"z":3}]},"b":[4,[5]],"c":{},"d":"e\\"}"}'
    const isOpen = (path: JsonPath): boolean => path.length < 2
    expect(told(text, [3, 9, 10, 20, 50], isOpen)).toEqual([
      [['a', 'x'], 1],
      [
        ['a', 'y'],
        [2, { z: 3 }],
      ],
      [['b', 0], 4],
      [['b', 1], [5]],
      [['d'], 'e"}'],
    ])
  })

  it('that is none is refused, as JSON.parse refuses it', () => {
    const mutated = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', '[', '"', ':', '1', 'x', '{'))
      .map(([json, at, put]) => {
        const place = at % (json.length + 1)
        return json.slice(0, place) + put + json.slice(place + 1)
      })
    fc.assert(
      fc.property(mutated, cuts, (text, places) => {
        let isJson = true
        try {
          JSON.parse(text)
        } catch {
          isJson = false
        }
        const within = places.filter((place) => place <= text.length)
        if (isJson) expect(told(text, within)).toHaveLength(1)
        else expect(() => told(text, within)).toThrow(JsonError)
      }),
      { numRuns: 2000 },
    )
  })
})
