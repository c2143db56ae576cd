import { describe, expect, it } from 'vitest'

import { BOX, layOut } from '../../../src/ui/parallel/dependency-layout.ts'
import { dependencySvg } from '../../../src/ui/parallel/dependency-svg.ts'

type Dependencies = Parameters<typeof layOut>[1]
type Edges = Dependencies['edges']

const locations = ['Pool.reserve0', 'Token.balanceOf[0x01]', 'nonce'].map((name) => ({
  name,
  location: { kind: 'life', address: `0x${'11'.repeat(20)}` },
})) as unknown as Dependencies['locations']

const edge = (from: number, to: number, location = 0): Edges[number] => ({
  from,
  to,
  kind: location === 2 ? 'senderNonce' : 'storage',
  location,
})

const laidOut = (
  transactions: number,
  edges: Edges,
  critical: readonly number[] = [],
  most?: number,
) => layOut(transactions, { locations, edges }, critical, most)

describe('layOut', () => {
  it('puts each transaction right of all that it waits for', () => {
    const { placed } = laidOut(5, [edge(0, 2), edge(1, 2), edge(2, 4), edge(0, 4)])
    expect(placed.map(({ tx, level }) => [tx, level])).toEqual([
      [0, 0],
      [1, 0],
      [2, 1],
      [4, 2],
    ])
    const at = new Map(placed.map((each) => [each.tx, each]))
    expect(at.get(2)!.x).toBeGreaterThan(at.get(1)!.x + BOX.width)
    expect(at.get(0)!.y).not.toBe(at.get(1)!.y)
  })

  it('leaves out the independent ones, and what only nonces or fees order', () => {
    const { placed, edges, independent } = laidOut(6, [edge(0, 1), edge(2, 3, 2)])
    expect(placed.map(({ tx }) => tx)).toEqual([0, 1])
    expect(edges).toHaveLength(1)
    expect(independent).toBe(4)
  })

  it('merges the edges of two transactions and keeps their names', () => {
    const { edges } = laidOut(2, [edge(0, 1), edge(0, 1, 1)])
    expect(edges).toEqual([
      { from: 0, to: 1, names: ['Pool.reserve0', 'Token.balanceOf[0x01]'], isCritical: false },
    ])
  })

  it('marks only the steps of the critical path', () => {
    const { edges, placed } = laidOut(3, [edge(0, 1), edge(1, 2), edge(0, 2)], [0, 1, 2])
    expect(edges.filter(({ isCritical }) => isCritical).map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [1, 2],
    ])
    expect(placed.every(({ isCritical }) => isCritical)).toBe(true)
  })

  it('wraps a level that is taller than the rows, and no two boxes overlap', () => {
    const many = Array.from({ length: 60 }, (_, tx) => edge(0, tx + 1))
    const { placed } = laidOut(61, many)
    const corners = new Set(placed.map(({ x, y }) => `${x}:${y}`))
    expect(corners.size).toBe(61)
    expect(Math.max(...placed.map(({ y }) => y))).toBeLessThan(BOX.rows * (BOX.height + BOX.gapY))
  })

  it('keeps the critical path and the busiest when there are too many', () => {
    const star = Array.from({ length: 20 }, (_, tx) => edge(0, tx + 1))
    const { placed, leftOut } = laidOut(24, [...star, edge(22, 23)], [22, 23], 4)
    expect(placed.map(({ tx }) => tx)).toEqual(expect.arrayContaining([0, 22, 23]))
    expect(placed).toHaveLength(4)
    expect(leftOut).toBe(19)
  })
})

describe('dependencySvg', () => {
  it('draws each box and edge, and escapes names', () => {
    const layout = laidOut(3, [edge(0, 1), edge(1, 2, 1)], [0, 1, 2])
    const svg = dependencySvg(layout, (tx) => `<script>${tx}`)
    expect(svg.match(/<rect /g)).toHaveLength(3)
    expect(svg.match(/<path /g)).toHaveLength(2)
    expect(svg).toContain('<title>Token.balanceOf[0x01]</title>')
    expect(svg).toContain('&lt;script&gt;2')
    expect(svg).not.toContain('<script>')
  })
})
