import { type Address, slotOf } from '../primitives/hex.ts'
import { bytesToHex } from '../primitives/hex.ts'
import type { CallPath, Site, Trace, VolatileSite } from './input.ts'
import { type FlowStep, ValueFlow } from './value-flow.ts'

/** A step as an engine's observer hears it. Stack and memory are valid only during the call. */
export interface RecordedStep extends FlowStep {
  readonly pc: number
  readonly codeAddress: Address
  readonly memory: Uint8Array
}

const KECCAK256 = 0x20
const SLOAD = 0x54
const SSTORE = 0x55
const BALANCE = 0x31
const SELFBALANCE = 0x47
const VOLATILE: ReadonlyMap<number, string> = new Map([
  [0x40, 'BLOCKHASH'],
  [0x41, 'COINBASE'],
  [0x42, 'TIMESTAMP'],
  [0x43, 'NUMBER'],
  [0x44, 'PREVRANDAO'],
  [0x45, 'GASLIMIT'],
  [0x48, 'BASEFEE'],
  [0x4a, 'BLOBBASEFEE'],
])
const ADDRESS_MASK = (1n << 160n) - 1n
/** Longer ones hash something else than a place in storage; a mapping's key may be a text. */
const MAX_HASHED_BYTES = 1024

/**
 * Hears one transaction's steps and keeps what names and lines need: it is an observer of the engine. `hashed` gathers the inputs of
 * KECCAK256 of many transactions.
 */
export class TraceRecorder {
  readonly #sites: Map<string, Site> = new Map()
  readonly #volatile: Map<string, VolatileSite> = new Map()
  readonly #hashed: Map<string, Uint8Array>
  readonly #flow: ValueFlow = new ValueFlow()
  #path: Address[] = []

  constructor(hashed: Map<string, Uint8Array>) {
    this.#hashed = hashed
  }

  frameStart({
    depth,
    codeAddress,
  }: {
    readonly depth: number
    readonly codeAddress: Address
  }): void {
    this.#path = [...this.#path.slice(0, depth), codeAddress]
  }

  step(step: RecordedStep): void {
    const { opcode, stack, address, memory } = step
    this.#flow.step(step)
    const top = stack.at(-1) ?? 0n
    if (opcode === SLOAD || opcode === SSTORE) {
      const access = opcode === SLOAD ? 'read' : 'write'
      this.#site(step, { location: { kind: 'slot', address, key: slotOf(top) }, access })
    } else if (opcode === BALANCE || opcode === SELFBALANCE) {
      const of = opcode === SELFBALANCE ? address : (addressOf(top) as Address)
      this.#site(step, { location: { kind: 'balance', address: of }, access: 'read' })
    } else if (opcode === KECCAK256) this.#hash(memory, top, stack.at(-2) ?? 0n)
    const name = VOLATILE.get(opcode)
    if (name !== undefined) this.#volatileSite(step, name)
  }

  trace(): Trace {
    return {
      sites: [...this.#sites.values()],
      volatile: [...this.#volatile.values()],
      uses: this.#flow.uses(),
    }
  }

  #site(step: RecordedStep, { location, access }: Pick<Site, 'location' | 'access'>): void {
    const { pc, codeAddress } = step
    const part = location.kind === 'slot' ? location.key : location.kind
    const key = `${location.address}:${part}:${access}:${codeAddress}:${pc}`
    if (this.#sites.has(key)) return
    this.#sites.set(key, { location, access, pc, codeAddress, path: this.#pathAt(step) })
  }

  #volatileSite(step: RecordedStep, name: string): void {
    const { pc, codeAddress } = step
    const key = `${codeAddress}:${pc}`
    if (this.#volatile.has(key)) return
    this.#volatile.set(key, { name, pc, codeAddress, path: this.#pathAt(step) })
  }

  /** A frame of which nothing was told, as the outermost may be, is known by its code. */
  #pathAt({ depth, codeAddress }: RecordedStep): CallPath {
    return [...this.#path.slice(0, depth), codeAddress]
  }

  #hash(memory: Uint8Array, offset: bigint, length: bigint): void {
    if (length < 32n || length > MAX_HASHED_BYTES) return
    const input = new Uint8Array(Number(length))
    // Memory grows by the instruction itself: what is beyond it is zero.
    const end = Number(offset + length)
    input.set(memory.subarray(Number(offset), Math.min(end, memory.length)))
    this.#hashed.set(bytesToHex(input), input)
  }
}

function addressOf(word: bigint): string {
  return `0x${(word & ADDRESS_MASK).toString(16).padStart(40, '0')}`
}
