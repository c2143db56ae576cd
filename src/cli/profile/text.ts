import { createColors } from 'picocolors'
import type { Colors } from 'picocolors/types.js'

import { wantsColor } from '../color.ts'
import { oneLine } from '../format.ts'
import type { ShownSite } from './shapes.ts'

/** Numbers, names and tables as the profiler's commands print them. */

const WIDTH = 100

export function colorsFor(stream: NodeJS.WriteStream): Colors {
  return createColors(wantsColor('auto', process.env, stream.isTTY))
}

/** `1,234,567` */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** `3.4x`, `12x` */
export function times(value: number): string {
  return `${value >= 100 ? Math.round(value) : value.toFixed(value >= 10 ? 1 : 2)}x`
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

export function plural(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** Addresses and hashes inside of it shortened: `FeeToken.balanceOf[0x15d3…6a65]`. */
export function shortName(name: string): string {
  return oneLine(name).replaceAll(/0x([0-9a-f]{4})[0-9a-f]{12,}([0-9a-f]{4})/gi, '0x$1…$2')
}

/** Columns as wide as their widest cell, two spaces between; the first is left-aligned, the others right. */
export function table(rows: readonly (readonly string[])[], left: number = 1): string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length)
  }
  return rows.map((row) =>
    row
      .map((cell, at) => (at < left ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
      .join('  ')
      .trimEnd(),
  )
}

/** Text broken at spaces, each line behind `indent`. */
export function wrap(text: string, indent: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > WIDTH) {
      lines.push(indent + line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, indent + line]
}

/** `read and written at Pool.sol:41, written at Pool.sol:60`: each line once; empty without lines. */
export function linesOf(sites: readonly ShownSite[]): string {
  const uses = new Map<string, Set<string>>()
  for (const { line, access } of sites) {
    if (line === undefined) continue
    const known = uses.get(line) ?? new Set()
    uses.set(line, known.add(access === 'read' ? 'read' : 'written'))
  }
  return [...uses]
    .map(([line, how]) => `${[...how].toSorted().join(' and ')} at ${oneLine(line)}`)
    .join(', ')
}

/** Where instructions stand: the line, or the code and its program counter. */
export function placeOf({ line, path, pc: counter }: ShownSite): string {
  return line === undefined ? `${shortName(path.at(-1) ?? '?')} at ${counter}` : oneLine(line)
}
