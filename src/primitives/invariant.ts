/** States what the program relies on. @throws {Error} when it is false: a bug of ours, never bad input. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`bug: ${message}`)
}
