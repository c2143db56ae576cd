import {
  EMPTY_BYTES,
  bigIntToFixedBytes,
  bytesToBigInt,
  stripZeros,
} from '../../primitives/bytes.ts'
import { type Rules, isActive } from '../../model/fork.ts'
import { padded, slicePadded } from './input.ts'
import { precompileModule } from './module.ts'

/** More gas than any transaction has. */
const NEVER = 2n ** 64n - 1n
/** EIP-7823: of base, exponent and modulus, in bytes. */
const MAX_LENGTH = 1024n
/** What is longer takes hours, and more gas than a block ever had; only calls with endless gas come here. */
const MAX_WORKABLE = 2n ** 26n

/** In bytes: BigInt's multiplication is the faster one for what is longer. */
const MAX_IN_MODULE = 1024

interface Lengths {
  readonly base: bigint
  readonly exponent: bigint
  readonly modulus: bigint
}

function lengthsOf(input: Uint8Array): Lengths {
  const head = padded(input, 96)
  return {
    base: bytesToBigInt(head.subarray(0, 32)),
    exponent: bytesToBigInt(head.subarray(32, 64)),
    modulus: bytesToBigInt(head.subarray(64)),
  }
}

/** EIP-198, EIP-2565 since Berlin, EIP-7883 since Osaka. */
export function modexpGas(input: Uint8Array, rules: Rules): bigint {
  const lengths = lengthsOf(input)
  const size = lengths.base > lengths.modulus ? lengths.base : lengths.modulus
  const isOsaka = isActive(rules, 'osaka')
  const steps = iterations(input, lengths, isOsaka ? 16n : 8n)
  const words = (size + 7n) / 8n
  let gas: bigint
  if (isOsaka) gas = atLeast(500n, (size > 32n ? 2n * words * words : 16n) * steps)
  else if (isActive(rules, 'berlin')) gas = atLeast(200n, (words * words * steps) / 3n)
  else gas = (complexity198(size) * steps) / 20n
  return gas > NEVER ? NEVER : gas
}

/** At least 1: the exponent's bits, guessed for those behind its first 32 bytes. */
function iterations(input: Uint8Array, lengths: Lengths, perByte: bigint): bigint {
  const headLength = lengths.exponent < 32n ? Number(lengths.exponent) : 32
  // A base that is longer than the input leaves zeros for the exponent.
  const at = lengths.base < BigInt(input.length) ? 96 + Number(lengths.base) : input.length
  const head = bytesToBigInt(slicePadded(input, at, headLength))
  const rest = lengths.exponent > 32n ? (lengths.exponent - 32n) * perByte : 0n
  const headBits = head === 0n ? 0n : BigInt(head.toString(2).length - 1)
  return atLeast(1n, rest + headBits)
}

function complexity198(size: bigint): bigint {
  if (size <= 64n) return size * size
  if (size <= 1024n) return (size * size) / 4n + 96n * size - 3072n
  return (size * size) / 16n + 480n * size - 199680n
}

function atLeast(least: bigint, value: bigint): bigint {
  return value < least ? least : value
}

/** base ** exponent % modulus in as many bytes as the modulus has. Undefined: too long for EIP-7823. */
export function modexp(input: Uint8Array, rules: Rules): Uint8Array | undefined {
  const lengths = lengthsOf(input)
  const all = [lengths.base, lengths.exponent, lengths.modulus]
  if (isActive(rules, 'osaka') && all.some((length) => length > MAX_LENGTH)) return undefined
  // The others may be beyond everything then: there is nothing to work out.
  if (lengths.modulus === 0n) return new Uint8Array(0)
  if (all.some((length) => length > MAX_WORKABLE)) return undefined
  const [base, exponent, modulus] = operands(input, lengths)
  const output = new Uint8Array(Number(lengths.modulus))
  // Modulo one, or nothing, all is zero.
  if (modulus.length === 0 || (modulus.length === 1 && modulus[0] === 1)) return output
  if (exponent.length === 0) output[output.length - 1] = 1
  else putPower(output, base, exponent, modulus)
  return output
}

/** Without the zeros before them. */
function operands(input: Uint8Array, lengths: Lengths): [Uint8Array, Uint8Array, Uint8Array] {
  let at = 96
  const read = (length: bigint): Uint8Array => {
    const count = Number(length)
    // The zeros behind the input shift what is there; a number beyond it is zero, however long.
    const bytes = at >= input.length ? EMPTY_BYTES : slicePadded(input, at, count)
    at += count
    return stripZeros(bytes)
  }
  return [read(lengths.base), read(lengths.exponent), read(lengths.modulus)]
}

function putPower(
  output: Uint8Array,
  base: Uint8Array,
  exponent: Uint8Array,
  modulus: Uint8Array,
): void {
  const length = Math.max(base.length, exponent.length, modulus.length)
  if (length > MAX_IN_MODULE) {
    const numbers = [base, exponent, modulus].map((bytes) => bytesToBigInt(bytes))
    output.set(bigIntToFixedBytes(power(numbers[0]!, numbers[1]!, numbers[2]!), output.length))
    return
  }
  const module = precompileModule()
  const limbs = Math.ceil(modulus.length / 8)
  const baseLimbs = Math.max(limbs, Math.ceil(base.length / 8))
  module.layModexp(baseLimbs, limbs, exponent.length)
  const memory = new Uint8Array(module.memory.buffer)
  putLimbs(memory, module.baseAt(), baseLimbs, base)
  putLimbs(memory, module.modulusAt(), limbs, modulus)
  memory.set(exponent, module.exponentAt())
  const at = module.modexp(exponent.length)
  const count = Math.min(limbs * 8, output.length)
  output.set(memory.subarray(at, at + count), output.length - count)
  output.subarray(output.length - count).reverse()
}

/** A number as limbs of 64 bits, the lowest first. */
function putLimbs(memory: Uint8Array, at: number, limbs: number, bytes: Uint8Array): void {
  memory.fill(0, at + bytes.length, at + limbs * 8)
  memory.set(bytes, at)
  memory.subarray(at, at + bytes.length).reverse()
}

const WINDOW_BITS = 4

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  if (modulus === 1n) return 0n
  const start = base % modulus
  if (exponent < 2n) return exponent === 0n ? 1n : start
  if (start < 2n) return start
  return exponent < 65536n
    ? powerByBits(start, exponent, modulus)
    : powerByWindows(start, exponent, modulus)
}

function powerByBits(base: bigint, exponent: bigint, modulus: bigint): bigint {
  const bits = exponent.toString(2)
  let result = base
  for (let index = 1; index < bits.length; index++) {
    result = (result * result) % modulus
    if (bits[index] === '1') result = (result * base) % modulus
  }
  return result
}

/** Four bits of the exponent at a time. */
function powerByWindows(base: bigint, exponent: bigint, modulus: bigint): bigint {
  const powers = [1n, base]
  for (let n = 2; n < 1 << WINDOW_BITS; n++) powers.push((powers[n - 1]! * base) % modulus)
  const digits = exponent.toString(16)
  let result = powers[Number.parseInt(digits[0]!, 16)]!
  for (let index = 1; index < digits.length; index++) {
    for (let bit = 0; bit < WINDOW_BITS; bit++) result = (result * result) % modulus
    const digit = Number.parseInt(digits[index]!, 16)
    if (digit > 0) result = (result * powers[digit]!) % modulus
  }
  return result
}
