import { EMPTY_BYTES } from '../../primitives/bytes.ts'
import { type Address, ZERO_ADDRESS } from '../../primitives/hex.ts'
import { wordIn } from '../../primitives/limbs.ts'
import type { Step } from '../observer.ts'

/** An instruction at work. Its stack becomes numbers, and its memory bytes, only if somebody looks. */
export class DraftStep implements Step {
  depth = 0
  pc = 0
  opcode = 0
  name = ''
  gas = 0n
  gasCost = 0n
  refund = 0n
  address: Address = ZERO_ADDRESS
  codeAddress: Address = ZERO_ADDRESS
  stackSize = 0
  returnData: Uint8Array = EMPTY_BYTES
  readonly #limbs: BigUint64Array
  #stack: readonly bigint[] | undefined
  readonly #memory: () => Uint8Array

  /** @param limbs of the stack, the lowest word first */
  constructor(limbs: BigUint64Array, memory: () => Uint8Array) {
    this.#limbs = limbs
    this.#memory = memory
  }

  get stack(): readonly bigint[] {
    if (this.#stack !== undefined) return this.#stack
    const stack: bigint[] = []
    for (let n = 0; n < this.stackSize; n++) stack.push(wordIn(this.#limbs, n * 4))
    return (this.#stack = stack)
  }

  get memory(): Uint8Array {
    return this.#memory()
  }
}
