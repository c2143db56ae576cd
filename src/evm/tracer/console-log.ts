import { type AbiParameter, decodeAbi, selectorOf } from '../../primitives/abi.ts'
import { type Address, type Hex, bytesToHex, parseAddress } from '../../primitives/hex.ts'
import type { Observer } from '../observer.ts'
import { type ConsoleValue, formatConsole } from './console-format.ts'

/** `console.log` in ASCII: no contract is there, dev nodes listen. */
export const CONSOLE_ADDRESS: Address = parseAddress('0x000000000000000000636f6e736f6c652e6c6f67')

/** Lines of one transaction: a loop that logs must not fill the memory. */
const MAX_LINES = 10_000

export interface ConsoleCollector {
  readonly observer: Observer
  /** What was logged so far, in order, also by frames that were reverted later. */
  lines(): readonly string[]
}

/** Collects console.log lines of one execution, of all signatures in Hardhat's and Foundry's console.sol. */
export function createConsoleCollector(): ConsoleCollector {
  const lines: string[] = []
  let missed = 0
  return {
    observer: {
      frameStart({ to, kind, input }) {
        if (to !== CONSOLE_ADDRESS || kind === 'SELFDESTRUCT') return
        const line = readConsoleCall(input)
        if (line === undefined) return
        if (lines.length < MAX_LINES) lines.push(line)
        else missed++
      },
    },
    lines: () => (missed === 0 ? lines : [...lines, `(${missed} more lines left out)`]),
  }
}

/** The line that call data to the console means; undefined for data of no known signature. */
export function readConsoleCall(input: Uint8Array): string | undefined {
  if (input.length < 4) return undefined
  const parameters = signatures().get(bytesToHex(input.subarray(0, 4)))
  const values = parameters && decodeAbi(parameters, input.subarray(4))
  if (parameters === undefined || values === undefined) return undefined
  return formatConsole(
    parameters.map(({ type }, index): ConsoleValue => ({ type, value: values[index]! })),
  )
}

let table: ReadonlyMap<Hex, readonly AbiParameter[]> | undefined

/** Parameters by selector. 700 hashes, 2 ms: made at the first log. */
function signatures(): ReadonlyMap<Hex, readonly AbiParameter[]> {
  table ??= buildTable()
  return table
}

function buildTable(): ReadonlyMap<Hex, readonly AbiParameter[]> {
  const made = new Map<Hex, readonly AbiParameter[]>()
  for (const types of typeLists()) {
    const parameters = types.map((type) => ({ type }))
    const list = types.join(',')
    made.set(selectorOf(`log(${list})`), parameters)
    // Old versions of console.sol hashed the short names, which no compiler would.
    const short = list.replaceAll('int256', 'int')
    if (short !== list) made.set(selectorOf(`log(${short})`), parameters)
  }
  return made
}

function typeLists(): readonly (readonly string[])[] {
  const lists: string[][] = [[], ['int256'], ['bytes'], ['string', 'int256']]
  for (let size = 1; size <= 32; size++) lists.push([`bytes${size}`])
  let shorter: string[][] = [[]]
  for (let length = 1; length <= 4; length++) {
    shorter = shorter.flatMap((list) =>
      ['uint256', 'string', 'bool', 'address'].map((type) => [...list, type]),
    )
    lists.push(...shorter)
  }
  return lists
}
