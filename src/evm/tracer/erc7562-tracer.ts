import { type Address, type Slot, bytesToHex, parseAddress, slotOf } from '../../primitives/hex.ts'
import type { FrameEnd, FrameStart, Observer, Step } from '../observer.ts'
import { asTransaction, numberLogs, showFrame } from './call-tracer.ts'
import { type TreeFrame, createFrameTree } from './frame-tree.ts'
import type { TraceContext, Tracer } from './tracer.ts'

export interface Erc7562TracerConfig {
  readonly withLog: boolean
  /** Opcodes that are not counted; undefined: what moves words and computes. */
  readonly ignoredOpcodes: ReadonlySet<number> | undefined
}

/** What bundlers of ERC-4337 check a frame for, by the rules of ERC-7562. */
interface Conduct {
  /** The values that slots had when the frame first read them, unless it had written them. */
  readonly reads: Map<Slot, bigint>
  readonly writes: Map<Slot, number>
  readonly transientReads: Map<Slot, number>
  readonly transientWrites: Map<Slot, number>
  readonly usedOpcodes: Map<number, number>
  /** Of the accounts that it called or looked at: the size of their code, and the first opcode that did. */
  readonly contractSize: Map<Address, { readonly contractSize: number; readonly opcode: number }>
  readonly extCodeAccess: Address[]
  readonly isCreation: boolean
  readonly address: Address
}

const [ISZERO, EXTCODESIZE, EXTCODECOPY, EXTCODEHASH] = [0x15, 0x3b, 0x3c, 0x3f]
const [SLOAD, SSTORE, GAS, TLOAD, TSTORE] = [0x54, 0x55, 0x5a, 0x5c, 0x5d]
const [RETURN, REVERT] = [0xf3, 0xfd]
const LOOKS: ReadonlySet<number> = new Set([EXTCODESIZE, EXTCODECOPY, EXTCODEHASH])
const CALLS: ReadonlySet<number> = new Set([0xf1, 0xf2, 0xf4, 0xfa])
/** PUSH0 to SWAP16, POP, and arithmetic and comparisons that Solidity uses everywhere. */
const IGNORED: ReadonlySet<number> = new Set([
  ...Array.from({ length: 0x9f - 0x5f + 1 }, (_, index) => 0x5f + index),
  0x50,
  0x01,
  0x03,
  0x02,
  0x04,
  0x14,
  0x10,
  0x11,
  0x12,
  0x13,
  0x1b,
  0x1c,
  0x16,
  0x17,
  0x19,
  ISZERO,
])

/**
 * Geth's `erc7562Tracer`: the calls of `callTracer`, each with the slots, opcodes and accounts that validation rules of account
 * abstraction speak of, and what was hashed in the transaction.
 */
export function createErc7562Tracer(config: Erc7562TracerConfig, context: TraceContext): Tracer {
  const tree = createFrameTree()
  const ignored = config.ignoredOpcodes ?? IGNORED
  /** In the order in which their frames began. */
  const conducts: Conduct[] = []
  const open: Conduct[] = []
  const hashed = new Set<string>()
  const created = new Map<Address, number>()
  let last: { readonly opcode: number; readonly top: bigint | undefined } | undefined
  let loading: { readonly conduct: Conduct; readonly slot: Slot } | undefined

  const sizeOf = (address: Address): number => {
    const account = context.view.account(address)
    return (
      created.get(address) ??
      (account === undefined ? 0 : context.view.code(account.codeHash).length)
    )
  }
  const endLoad = (value: bigint): void => {
    loading?.conduct.reads.set(loading.slot, value)
    loading = undefined
  }

  const observer: Observer = {
    frameStart(start) {
      tree.observer.frameStart(start)
      const conduct = conductOf(start)
      conducts.push(conduct)
      open.push(conduct)
    },
    frameEnd(end) {
      tree.observer.frameEnd(end)
      const conduct = open.pop()
      // It could not pay for what it wanted to read.
      if (loading !== undefined) {
        endLoad(context.view.slot(loading.conduct.address, loading.slot))
      }
      if (conduct?.isCreation && end.error === undefined) noteCreation(created, conduct, end)
    },
    step(step) {
      if (loading !== undefined) endLoad(step.stack.at(-1) ?? 0n)
      const conduct = open.at(-1)
      if (conduct === undefined) return
      const { opcode } = step
      if (opcode === RETURN || opcode === REVERT) last = undefined
      noteLook(conduct, last, opcode)
      noteSize(conduct, step, sizeOf)
      const isObserved = last?.opcode === GAS && !CALLS.has(opcode)
      if (isObserved) count(conduct.usedOpcodes, GAS)
      if (opcode !== GAS && !ignored.has(opcode)) count(conduct.usedOpcodes, opcode)
      loading = noteStorage(conduct, step)
      last = { opcode, top: LOOKS.has(opcode) ? step.stack.at(-1) : undefined }
    },
    hashed: ({ input }) => void hashed.add(bytesToHex(input)),
    ...(config.withLog ? { log: tree.observer.log } : {}),
  }

  return {
    observer,
    result(outcome) {
      const root = tree.root()
      if (root === undefined) return {}
      const indexes = config.withLog ? numberLogs(root, context) : new Map()
      const shown = { onlyTopCall: false, withLog: config.withLog }
      let next = 0
      const more = (frame: TreeFrame): object => {
        const conduct = conducts[next++]!
        const isRoot = conduct === conducts[0]
        const keccak = isRoot && hashed.size > 0 ? { keccak: [...hashed].sort() } : {}
        return { ...show(conduct), outOfGas: !isRoot && isOutOfGas(frame), ...keccak }
      }
      return showFrame(asTransaction(root, outcome, context), indexes, shown, more)
    },
  }
}

function conductOf({ kind, to }: FrameStart): Conduct {
  return {
    reads: new Map(),
    writes: new Map(),
    transientReads: new Map(),
    transientWrites: new Map(),
    usedOpcodes: new Map(),
    contractSize: new Map(),
    extCodeAccess: [],
    isCreation: kind === 'CREATE' || kind === 'CREATE2',
    address: to,
  }
}

function noteCreation(created: Map<Address, number>, { address }: Conduct, end: FrameEnd): void {
  created.set(address, end.output.length)
}

/** A contract that only asks whether there is code is not told of (OP-051). */
function noteLook(
  { extCodeAccess }: Conduct,
  last: { readonly opcode: number; readonly top: bigint | undefined } | undefined,
  opcode: number,
): void {
  if (last?.top === undefined) return
  if (last.opcode === EXTCODESIZE && opcode === ISZERO) return
  extCodeAccess.push(toAddress(last.top))
}

/** OP-041. */
function noteSize(
  { contractSize }: Conduct,
  { opcode, stack }: Step,
  sizeOf: (address: Address) => number,
): void {
  const isLook = LOOKS.has(opcode)
  if (!isLook && !CALLS.has(opcode)) return
  const word = stack.at(isLook ? -1 : -2)
  if (word === undefined) return
  const address = toAddress(word)
  if (!contractSize.has(address)) {
    contractSize.set(address, { contractSize: sizeOf(address), opcode })
  }
}

/** @returns the read whose value the next instruction finds on the stack */
function noteStorage(
  conduct: Conduct,
  { opcode, stack }: Step,
): { readonly conduct: Conduct; readonly slot: Slot } | undefined {
  if (opcode !== SLOAD && opcode !== SSTORE && opcode !== TLOAD && opcode !== TSTORE) {
    return undefined
  }
  const top = stack.at(-1)
  if (top === undefined) return undefined
  const slot = slotOf(top)
  const { reads, writes } = conduct
  if (opcode === SLOAD) return reads.has(slot) || writes.has(slot) ? undefined : { conduct, slot }
  if (opcode === SSTORE) count(writes, slot)
  else count(opcode === TLOAD ? conduct.transientReads : conduct.transientWrites, slot)
  return undefined
}

function show(conduct: Conduct): object {
  const reads = [...conduct.reads].map(([slot, value]) => [slot, [slotOf(value)]] as const)
  const used = [...conduct.usedOpcodes].map(
    ([op, times]) => [`0x${op.toString(16)}`, times] as const,
  )
  return {
    accessedSlots: {
      reads: Object.fromEntries(reads),
      writes: Object.fromEntries(conduct.writes),
      transientReads: Object.fromEntries(conduct.transientReads),
      transientWrites: Object.fromEntries(conduct.transientWrites),
    },
    extCodeAccessInfo: conduct.extCodeAccess,
    usedOpcodes: Object.fromEntries(used),
    contractSize: Object.fromEntries(conduct.contractSize),
  }
}

function isOutOfGas({ error }: TreeFrame): boolean {
  return error?.kind === 'halt' && error.reason.endsWith('out of gas')
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function toAddress(word: bigint): Address {
  return parseAddress(`0x${slotOf(word).slice(26)}`)
}
