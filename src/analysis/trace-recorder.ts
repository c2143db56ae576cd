import { type Address, bytesToHex, slotOf } from '../primitives/hex.ts'
import type { VolatileRead } from '../state/access.ts'
import type { CallPath, Site, Trace, VolatileSite } from './input.ts'
import { type FlowStep, ValueFlow } from './value-flow.ts'

/** Where an instruction is. */
interface Place {
  readonly depth: number
  readonly pc: number
  /** Whose code runs. */
  readonly codeAddress: Address
}

/** A step as an engine's observer hears it. The stack is valid only during the call. */
type RecordedStep = FlowStep & Place

const SLOAD = 0x54
const SSTORE = 0x55
const BALANCE = 0x31
const SELFBALANCE = 0x47
const ADDRESS_MASK = (1n << 160n) - 1n
/** Longer ones hash something else than a place in storage; a mapping's key may be a text. */
const MAX_HASHED_BYTES = 1024
/** An address and a short seed. */
const MIN_HASHED_BYTES = 28

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
  /** By depth: whether init code runs. */
  readonly #creations: boolean[] = []

  constructor(hashed: Map<string, Uint8Array>) {
    this.#hashed = hashed
  }

  frameStart({
    depth,
    codeAddress,
    kind,
  }: {
    readonly depth: number
    readonly codeAddress: Address
    readonly kind: string
  }): void {
    this.#path = [...this.#path.slice(0, depth), codeAddress]
    this.#creations[depth] = kind === 'CREATE' || kind === 'CREATE2'
  }

  step(step: RecordedStep): void {
    const { opcode, address } = step
    this.#flow.step(step)
    if (opcode === SLOAD || opcode === SSTORE) {
      const access = opcode === SLOAD ? 'read' : 'write'
      this.#site(step, { location: { kind: 'slot', address, key: slotOf(topOf(step)) }, access })
    } else if (opcode === BALANCE || opcode === SELFBALANCE) {
      const of = opcode === SELFBALANCE ? address : (addressOf(topOf(step)) as Address)
      this.#site(step, { location: { kind: 'balance', address: of }, access: 'read' })
    }
  }

  hashed({ input }: { readonly input: Uint8Array }): void {
    if (input.length < MIN_HASHED_BYTES || input.length > MAX_HASHED_BYTES) return
    const key = bytesToHex(input)
    if (!this.#hashed.has(key)) this.#hashed.set(key, input.slice())
  }

  volatileRead({ depth, pc, codeAddress, read }: Place & { readonly read: VolatileRead }): void {
    const key = `${codeAddress}:${pc}`
    if (this.#volatile.has(key)) return
    const path = this.#pathAt({ depth, codeAddress })
    const inCreation = this.#creations[depth] === true ? { inCreation: true } : {}
    this.#volatile.set(key, { name: read, pc, codeAddress, path, ...inCreation })
  }

  trace(): Trace {
    return {
      sites: [...this.#sites.values()],
      volatile: [...this.#volatile.values()],
      uses: this.#flow.uses(),
    }
  }

  #site(step: RecordedStep, { location, access }: Pick<Site, 'location' | 'access'>): void {
    const { pc, codeAddress, depth } = step
    const inCreation = this.#creations[depth] === true ? { inCreation: true } : {}
    const part = location.kind === 'slot' ? location.key : location.kind
    const key = `${location.address}:${part}:${access}:${codeAddress}:${pc}`
    if (this.#sites.has(key)) return
    const path = this.#pathAt(step)
    this.#sites.set(key, { location, access, pc, codeAddress, path, ...inCreation })
  }

  /** A frame of which nothing was told, as the outermost may be, is known by its code. */
  #pathAt({ depth, codeAddress }: Pick<Place, 'depth' | 'codeAddress'>): CallPath {
    return [...this.#path.slice(0, depth), codeAddress]
  }
}

function topOf({ stack }: RecordedStep): bigint {
  return stack.at(-1) ?? 0n
}

function addressOf(word: bigint): string {
  return `0x${(word & ADDRESS_MASK).toString(16).padStart(40, '0')}`
}
