/** What each word operation means, in BigInt. Results are taken modulo 2^256. */

const WORD_BITS = 256n
const MASK = (1n << WORD_BITS) - 1n

function signed(word: bigint): bigint {
  return BigInt.asIntN(256, word)
}

function bool(value: boolean): bigint {
  return value ? 1n : 0n
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  let square = base
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) & MASK
    square = (square * square) & MASK
  }
  return result
}

export const UNARY: Readonly<Record<string, (a: bigint) => bigint>> = {
  copy: (a) => a,
  iszero: (a) => bool(a === 0n),
  not: (a) => ~a,
  negate: (a) => -a,
  clzWord: (a) => (a === 0n ? 256n : BigInt(256 - a.toString(2).length)),
}

export const BINARY: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  lt: (a, b) => bool(a < b),
  gt: (a, b) => bool(a > b),
  slt: (a, b) => bool(signed(a) < signed(b)),
  sgt: (a, b) => bool(signed(a) > signed(b)),
  eq: (a, b) => bool(a === b),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  div: (a, b) => (b === 0n ? 0n : a / b),
  mod: (a, b) => (b === 0n ? 0n : a % b),
  sdiv: (a, b) => (b === 0n ? 0n : signed(a) / signed(b)),
  smod: (a, b) => (b === 0n ? 0n : signed(a) % signed(b)),
}

/** The first operand is a shift, a byte's index or an exponent. */
export const INDEXED: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  shl: (a, b) => (a > 255n ? 0n : b << a),
  shr: (a, b) => (a > 255n ? 0n : b >> a),
  sar: (a, b) => signed(b) >> (a > 255n ? 256n : a),
  byte: (a, b) => (a > 31n ? 0n : (b >> (8n * (31n - a))) & 255n),
  signextend: (a, b) => (a > 30n ? b : BigInt.asIntN(Number(a) * 8 + 8, b)),
}

export const POWER: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = { exp: power }

export const TERNARY: Readonly<Record<string, (a: bigint, b: bigint, m: bigint) => bigint>> = {
  addmod: (a, b, m) => (m === 0n ? 0n : (a + b) % m),
  mulmod: (a, b, m) => (m === 0n ? 0n : (a * b) % m),
}
