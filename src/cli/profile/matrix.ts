import type { Colors } from 'picocolors/types.js'

import { COMMON, Misuse, countOf, readArguments } from './arguments.ts'
import { askOver, defaultUrl } from './client.ts'
import { print, runCommand } from './command.ts'
import { colorsFor, plural, shortName, table, wrap } from './text.ts'

const USAGE = `usage: heddle matrix CONTRACT [options]
  Each function of a contract against each other: do calls of different callers wait for one another?
  Calls are those of the chain's newest transactions, sent by stand-ins on the newest state; functions
  that nobody called yet get arguments by their types. Where many calls fail there is no verdict.
  CONTRACT        its address
  --callers N     callers of each pair (32)
  --last N        newest transactions to find calls in (200)
  --rpc-url URL   the node to ask ($HEDDLE_RPC_URL or port 8545 here)
  --json          the answer of parallel_explainContract`

interface Cell {
  readonly first: string
  readonly second: string
  readonly failed: number
  readonly calls: number
  readonly grade?: 'parallel' | 'perKey' | 'serial'
  readonly variables: readonly string[]
  readonly reason?: string
}

interface Matrix {
  readonly name: string
  readonly callers: number
  readonly functions: readonly string[]
  readonly cells: readonly Cell[]
  readonly notShown: readonly string[]
  readonly madeUp: readonly string[]
}

/** @returns the exit code: 0, or 2 for bad usage, no node, or a contract that nobody calls */
export async function matrix(argv: readonly string[]): Promise<number> {
  return runCommand('matrix', USAGE, argv, async () => {
    const { values, positionals } = readArguments(argv, {
      ...COMMON,
      callers: { type: 'string' },
      last: { type: 'string' },
    })
    const [contract, ...more] = positionals
    if (contract === undefined || more.length > 0) throw new Misuse('expected one contract')
    if (!/^0x[0-9a-fA-F]{40}$/.test(contract)) {
      throw new Misuse(`expected the address of a contract, got ${contract}`)
    }
    const options = {
      ...(values.callers !== undefined && { callers: countOf('--callers', values.callers) }),
      ...(values.last !== undefined && { last: countOf('--last', values.last) }),
    }
    const ask = askOver(values['rpc-url'] ?? defaultUrl())
    const answer = (await ask('parallel_explainContract', contract, options)) as Matrix
    print(answer, values.json, () => renderMatrix(answer, colorsFor(process.stdout)))
    return 0
  })
}

const GRADES = { parallel: 'parallel', perKey: 'per key', serial: 'SERIAL' } as const

function renderMatrix(matrix: Matrix, colors: Colors): string {
  const { name, callers, functions, cells, madeUp, notShown } = matrix
  const short = (text: string): string => text.replace(/^.*\./, '')
  const cellOf = (a: string, b: string): string => {
    const cell = cells.find(
      ({ first, second }) => (first === a && second === b) || (first === b && second === a),
    )
    if (cell === undefined) return ''
    return cell.grade === undefined ? 'no verdict' : GRADES[cell.grade]
  }
  const rows = functions.map((row, at) => [
    short(row),
    ...functions.map((column, to) => (to <= at ? cellOf(row, column) : '')),
  ])
  const [head, ...lines] = table([['', ...functions.map(short)], ...rows])
  const text = [
    `${colors.bold(shortName(name))}, ${plural(callers, 'caller')} in each cell ${colors.dim('(measured)')}`,
    '',
    colors.bold(head!),
    ...lines,
    '',
  ]
  const alone = cells.filter(({ first, second, grade }) => first === second && grade === undefined)
  const silent = new Set(alone.map(({ first }) => first))
  for (const { first, second, grade, variables, failed, calls, reason } of cells) {
    const pair = first === second ? short(first) : `${short(first)} and ${short(second)}`
    if (grade === undefined) {
      // What fails alone fails in company.
      if (first !== second && (silent.has(first) || silent.has(second))) continue
      text.push(...wrap(`${pair}: ${failed} of ${calls} calls fail: ${reason ?? ''}`, '  '))
    } else if (grade !== 'parallel') {
      const shown = [...new Set(variables.map((variable) => shortName(variable)))]
      const more = shown.length > 3 ? ` and ${shown.length - 3} more` : ''
      text.push(
        ...wrap(`${pair}: ${GRADES[grade]} by ${shown.slice(0, 3).join(', ')}${more}`, '  '),
      )
    }
  }
  if (notShown.length > 0) text.push('', `not shown: ${notShown.map(short).join(', ')}`)
  if (madeUp.length > 0) {
    const names = madeUp.map(short).join(', ')
    text.push(
      '',
      ...wrap(`never called here, so with arguments made up by their types: ${names}`, ''),
    )
  }
  return [...text, ''].join('\n')
}
