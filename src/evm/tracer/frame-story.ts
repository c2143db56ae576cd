import type { Address, Hash } from '../../primitives/hex.ts'
import { parseAddress } from '../../primitives/hex.ts'
import type { FrameError, FrameKind, FrameStart, Observer, Step } from '../observer.ts'
import { CONSOLE_ADDRESS, readConsoleCall } from './console-log.ts'

/** What happened inside a frame, in its order. */
export type StoryItem =
  | { readonly kind: 'frame'; readonly frame: StoryFrame }
  | {
      readonly kind: 'log'
      readonly address: Address
      readonly topics: readonly Hash[]
      readonly data: Uint8Array
    }
  | { readonly kind: 'console'; readonly line: string }

/** A call with all that happened in it, for people to read. */
export interface StoryFrame {
  readonly kind: FrameKind
  readonly from: Address
  /** Whose storage it runs on. */
  readonly to: Address
  readonly codeAddress: Address
  readonly valueWei: bigint
  readonly gas: bigint
  readonly input: Uint8Array
  /** Where its caller called; undefined for the transaction itself, and without steps. */
  readonly callPc: number | undefined
  gasUsed: bigint
  output: Uint8Array
  error: FrameError | undefined
  readonly items: StoryItem[]
  /** The last instructions that ran, the newest last. */
  readonly pcs: number[]
  /** From where to where it jumped, one pair after another, the newest last. */
  readonly jumps: number[]
  /** An account that was asked for its code last, and had none. */
  emptyTarget: Address | undefined
}

export interface FrameStory {
  readonly observer: Observer
  /** undefined when no frame began. `cut`: more happened than is kept. */
  story(): { readonly root: StoryFrame; readonly cut: boolean } | undefined
}

/** A loop of calls must not fill the memory. */
const MAX_ITEMS = 10_000
const MAX_BYTES = 16 * 2 ** 20
/** Compilers put some hundred instructions of their own between a line of source and where it fails. */
const KEPT_PCS = 1_024
const KEPT_JUMPS = 4_096
const EXTCODESIZE = 0x3b
const JUMP = 0x56

/** Follows one transaction. @param withSteps also where in the code it was: what stack traces take */
export function createFrameStory(withSteps: boolean): FrameStory {
  const open: (StoryFrame | undefined)[] = []
  let root: StoryFrame | undefined
  let [items, bytes] = [0, 0]
  /** The last instruction was a jump, in the same frame. */
  let isLeaping = false
  let asked: { readonly frame: StoryFrame; readonly word: bigint } | undefined

  const isFull = (more: number): boolean => {
    bytes += more
    return ++items > MAX_ITEMS || bytes > MAX_BYTES
  }
  const start = (begun: FrameStart): void => {
    const parent = open.at(-1)
    if ((open.length > 0 && parent === undefined) || isFull(begun.input.length)) {
      open.push(undefined)
      return
    }
    if (begun.to === CONSOLE_ADDRESS && parent !== undefined) {
      const line = readConsoleCall(begun.input)
      if (line !== undefined) parent.items.push({ kind: 'console', line })
      open.push(undefined)
      return
    }
    const frame = toFrame(begun, parent)
    if (parent === undefined) root ??= frame
    else parent.items.push({ kind: 'frame', frame })
    open.push(frame)
  }
  const step = (at: Step): void => {
    const frame = open.at(-1)
    if (frame === undefined) return
    if (asked?.frame === frame) {
      frame.emptyTarget = at.stack.at(-1) === 0n ? addressOf(asked.word) : undefined
      asked = undefined
    }
    if (isLeaping) noteJump(frame, at.pc)
    isLeaping = at.opcode === JUMP
    frame.pcs.push(at.pc)
    if (frame.pcs.length > KEPT_PCS) frame.pcs.splice(0, KEPT_PCS / 2)
    const top = at.stack.at(-1)
    if (at.opcode === EXTCODESIZE && top !== undefined) asked = { frame, word: top }
  }
  return {
    observer: {
      frameStart: start,
      frameEnd({ gasUsed, output, error }) {
        const frame = open.pop()
        if (frame === undefined) return
        frame.gasUsed = gasUsed
        frame.output = output.slice(0, MAX_BYTES)
        frame.error = error
      },
      log({ address, topics, data }) {
        const frame = open.at(-1)
        if (frame === undefined || isFull(data.length)) return
        frame.items.push({ kind: 'log', address, topics, data: data.slice() })
      },
      ...(withSteps && { step }),
    },
    story: () => root && { root, cut: items > MAX_ITEMS || bytes > MAX_BYTES },
  }
}

function toFrame(start: FrameStart, parent: StoryFrame | undefined): StoryFrame {
  const { kind, from, to, codeAddress, valueWei, gas, input } = start
  return {
    kind,
    from,
    to,
    codeAddress,
    valueWei,
    gas,
    input: input.slice(),
    callPc: parent?.pcs.at(-1),
    gasUsed: 0n,
    output: new Uint8Array(0),
    error: undefined,
    items: [],
    pcs: [],
    jumps: [],
    emptyTarget: undefined,
  }
}

function noteJump({ pcs, jumps }: StoryFrame, to: number): void {
  jumps.push(pcs.at(-1)!, to)
  if (jumps.length > KEPT_JUMPS) jumps.splice(0, KEPT_JUMPS / 2)
}

function addressOf(word: bigint): Address {
  return parseAddress(`0x${(word & ((1n << 160n) - 1n)).toString(16).padStart(40, '0')}`)
}
