/** The first `length` bytes; what is missing is zeros. */
export function padded(input: Uint8Array, length: number): Uint8Array {
  if (input.length >= length) return input.subarray(0, length)
  const out = new Uint8Array(length)
  out.set(input)
  return out
}

/** The `length` bytes at `at`; beyond the input are zeros. */
export function slicePadded(input: Uint8Array, at: number, length: number): Uint8Array {
  return padded(input.subarray(Math.min(at, input.length)), length)
}

/** 32-byte words of `input`, rounded up. */
export function wordCount(input: Uint8Array): bigint {
  return BigInt(Math.ceil(input.length / 32))
}
