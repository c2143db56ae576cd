import { FORKS, type ForkName } from '../../model/fork.ts'
import { OPCODE_CHANGE, OPCODE_LEAST, OPCODE_ROOM } from './layout.ts'

/**
 * Every instruction of every fork as data: what it costs before anything that depends on operands or state, the items it takes
 * and leaves. Adding a fork is adding a change. Dynamic costs are the instructions' own, by the fork's number.
 */

/** Gas, items taken, items left. */
type Entry = readonly [gas: number, takes: number, leaves: number]
type Changes = Readonly<Record<number, Entry>>

function same(opcodes: readonly number[], entry: Entry): Changes {
  return Object.fromEntries(opcodes.map((opcode) => [opcode, entry]))
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}

const FRONTIER: Changes = {
  0x00: [0, 0, 0],
  ...same([0x01, 0x03, 0x10, 0x11, 0x12, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1a], [3, 2, 1]),
  ...same([0x02, 0x04, 0x05, 0x06, 0x07, 0x0b], [5, 2, 1]),
  ...same([0x08, 0x09], [8, 3, 1]),
  0x0a: [10, 2, 1],
  ...same([0x15, 0x19], [3, 1, 1]),
  0x20: [30, 2, 1],
  ...same([0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3a, 0x41, 0x42, 0x43, 0x44, 0x45], [2, 0, 1]),
  0x31: [20, 1, 1],
  0x35: [3, 1, 1],
  ...same([0x37, 0x39], [3, 3, 0]),
  0x3b: [20, 1, 1],
  0x3c: [20, 4, 0],
  0x40: [20, 1, 1],
  0x50: [2, 1, 0],
  0x51: [3, 1, 1],
  ...same([0x52, 0x53], [3, 2, 0]),
  0x54: [50, 1, 1],
  0x55: [0, 2, 0],
  0x56: [8, 1, 0],
  0x57: [10, 2, 0],
  ...same([0x58, 0x59, 0x5a], [2, 0, 1]),
  0x5b: [1, 0, 0],
  ...same(range(0x60, 0x7f), [3, 0, 1]),
  ...Object.fromEntries(range(1, 16).map((n) => [0x7f + n, [3, n, n + 1]])),
  ...Object.fromEntries(range(1, 16).map((n) => [0x8f + n, [3, n + 1, n + 1]])),
  ...Object.fromEntries(range(0, 4).map((n) => [0xa0 + n, [375 * (n + 1), n + 2, 0]])),
  0xf0: [32_000, 3, 1],
  ...same([0xf1, 0xf2], [40, 7, 1]),
  0xf3: [0, 2, 0],
  0xff: [0, 1, 0],
}

/** What each fork changed. SSTORE's price is all dynamic; cold accesses (EIP-2929) come on top of the warm price. */
const CHANGES: Partial<Record<ForkName, Changes>> = {
  frontier: FRONTIER,
  homestead: { 0xf4: [40, 6, 1] },
  // EIP-150
  tangerineWhistle: {
    0x31: [400, 1, 1],
    0x3b: [700, 1, 1],
    0x3c: [700, 4, 0],
    0x54: [200, 1, 1],
    ...same([0xf1, 0xf2], [700, 7, 1]),
    0xf4: [700, 6, 1],
    0xff: [5_000, 1, 0],
  },
  // EIP-140, 211, 214
  byzantium: { 0x3d: [2, 0, 1], 0x3e: [3, 3, 0], 0xfa: [700, 6, 1], 0xfd: [0, 2, 0] },
  // EIP-145, 1014, 1052
  constantinople: {
    ...same([0x1b, 0x1c, 0x1d], [3, 2, 1]),
    0x3f: [400, 1, 1],
    0xf5: [32_000, 4, 1],
  },
  // EIP-1344, 1884
  istanbul: {
    0x31: [700, 1, 1],
    0x3f: [700, 1, 1],
    0x46: [2, 0, 1],
    0x47: [5, 0, 1],
    0x54: [800, 1, 1],
  },
  // EIP-2929
  berlin: {
    ...same([0x31, 0x3b, 0x3f, 0x54], [100, 1, 1]),
    0x3c: [100, 4, 0],
    ...same([0xf1, 0xf2], [100, 7, 1]),
    ...same([0xf4, 0xfa], [100, 6, 1]),
  },
  // EIP-3198
  london: { 0x48: [2, 0, 1] },
  // EIP-3855
  shanghai: { 0x5f: [2, 0, 1] },
  // EIP-1153, 4844, 5656, 7516
  cancun: {
    0x49: [3, 1, 1],
    0x4a: [2, 0, 1],
    0x5c: [100, 1, 1],
    0x5d: [100, 2, 0],
    0x5e: [3, 3, 0],
  },
  // EIP-7939
  osaka: { 0x1e: [5, 1, 1] },
}

const STACK_LIMIT = 1024
/** An instruction that is not defined asks for more than a stack can hold. */
const UNDEFINED_ITEMS = 0xffff

const tables = new Map<ForkName, Uint8Array>()

/** The table at `OPCODES` for a fork: 8 bytes for each opcode, see `layout.ts`. */
export function opcodeTable(fork: ForkName): Uint8Array {
  const known = tables.get(fork)
  if (known !== undefined) return known
  const all: Record<number, Entry> = {}
  for (const name of FORKS.slice(0, FORKS.indexOf(fork) + 1)) Object.assign(all, CHANGES[name])
  const table = new Uint8Array(256 * 8)
  const view = new DataView(table.buffer)
  for (let opcode = 0; opcode < 256; opcode++) {
    const [gas, takes, leaves] = all[opcode] ?? [0, 0, 0]
    const isDefined = all[opcode] !== undefined
    const at = opcode * 8
    view.setUint16(at, gas, true)
    view.setInt16(at + OPCODE_CHANGE, (leaves - takes) * 32, true)
    view.setUint16(at + OPCODE_LEAST, isDefined ? takes * 32 : UNDEFINED_ITEMS, true)
    const room = STACK_LIMIT - Math.max(leaves - takes, 0) - takes
    view.setUint16(at + OPCODE_ROOM, isDefined ? room * 32 : 0, true)
  }
  tables.set(fork, table)
  return table
}
