import type { Precedence } from '../precedence.ts'

/** Nobody waits for anybody. */
export function independent(transactions: number): Precedence {
  return {
    transactions,
    first: new Uint32Array(transactions + 1),
    from: new Uint32Array(0),
    location: new Uint32Array(0),
  }
}
