/** BLAKE2b's compression function, EIP-152. */
import { precompileModule } from './module.ts'

const INPUT_BYTES = 213

/** The number of rounds, each of which costs one gas; zero for input of the wrong size, which fails. */
export function roundsOf(input: Uint8Array): number {
  return input.length === INPUT_BYTES
    ? Buffer.from(input.buffer, input.byteOffset, 4).readUInt32BE()
    : 0
}

/** Rounds, h, m, t and the final flag in 213 bytes -> h, 64 bytes. Undefined for another size or flag. */
export function blake2f(input: Uint8Array): Uint8Array | undefined {
  if (input.length !== INPUT_BYTES) return undefined
  const final = input[212]
  if (final !== 0 && final !== 1) return undefined
  const module = precompileModule()
  const at = module.blake2fState()
  const memory = new Uint8Array(module.memory.buffer)
  memory.set(input.subarray(4, 212), at)
  module.blake2f(roundsOf(input), final)
  return memory.slice(at, at + 64)
}
