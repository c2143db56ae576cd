import type { Json } from './backend.ts'

/** JSON-RPC and EIP-1474 codes. No other code leaves this room but those of EIP-7966 (4), of a revert (3), and of simulations. */
export const CODE = {
  revert: 3,
  syncTimeout: 4,
  /** A call of a simulation that halted. */
  vmError: -32015,
  server: -32000,
  /** Of block access lists, as execution-apis has them. */
  resourceNotFound: -32001,
  prunedHistory: 4444,
  limitExceeded: -32005,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  parse: -32700,
} as const

/** What execution-apis fixes for eth_simulateV1. */
export const SIMULATION_CODE = {
  nonceTooLow: -38010,
  nonceTooHigh: -38011,
  feeTooLow: -38012,
  intrinsicGas: -38013,
  insufficientFunds: -38014,
  blockGasLimit: -38015,
  numberOrder: -38020,
  timestampOrder: -38021,
  movedOntoItself: -38022,
  senderHasCode: -38024,
  initCodeTooLarge: -38025,
  limitExceeded: -38026,
} as const

/** What a caller is told: the wire's `error` object, and what an in-process `request` throws (EIP-1193). */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: number
  readonly data: Json | undefined
  /** Lines of Solidity that it went through, for the log: revert data leaves them no place in `data`. */
  readonly trace: readonly string[]

  constructor(code: number, message: string, data?: Json, trace: readonly string[] = []) {
    super(message)
    this.code = code
    this.data = data
    this.trace = trace
  }
}

/** The chain or the pool says no; the sentence begins with Geth's words, which clients look for. */
export function serverError(message: string, data?: Json): RpcError {
  return new RpcError(CODE.server, message, data)
}

export function invalidRequest(message: string): RpcError {
  return new RpcError(CODE.invalidRequest, message)
}

export function invalidParams(message: string): RpcError {
  return new RpcError(CODE.invalidParams, `invalid params: ${message}`)
}

/** A parameter at `path` (`transaction.accessList[2].address`) is not what it must be. */
export function badParam(path: string, expected: string, got: unknown): RpcError {
  return invalidParams(`\`${path}\`: expected ${expected}, got ${preview(got)}`)
}

/** ethers reads "the method .* does not exist" as "not supported"; Foundry reads the code. */
export function methodNotFound(method: string, known: Iterable<string>): RpcError {
  const near = nearest(method, known)
  return new RpcError(
    CODE.methodNotFound,
    `the method ${shorten(method, 80)} does not exist/is not available`,
    near === undefined ? undefined : { hint: `did you mean ${near}?` },
  )
}

/** Our own bug. Clients retry on this code, so nothing that a user can cause may end here. */
export function internalError(cause: unknown): RpcError {
  const message = cause instanceof Error ? cause.message : String(cause)
  return new RpcError(CODE.internal, `internal error: ${shorten(message, 300)}`)
}

/** A value as an error message shows it: short, and never deeper than one level. */
export function preview(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null || typeof value === 'boolean') return JSON.stringify(value)
  if (typeof value === 'string') return JSON.stringify(shorten(value, 70))
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `a list of ${value.length}`
  if (typeof value === 'object') {
    const keys = Object.keys(value)
    if (keys.length === 0) return '{}'
    const shown = keys.slice(0, 4).map((key) => shorten(key, 24))
    return `an object with ${shown.join(', ')}${keys.length > 4 ? ', ...' : ''}`
  }
  return typeof value === 'number' ? String(value) : typeof value
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3)}...`
}

/** The known name with the fewest edits, when that is at most a third of what was typed. */
function nearest(typed: string, known: Iterable<string>): string | undefined {
  if (typed.length > 64) return undefined
  let best: string | undefined
  let bestDistance = Math.floor(typed.length / 3) + 1
  for (const name of known) {
    if (Math.abs(name.length - typed.length) >= bestDistance) continue
    const distance = editDistance(typed.toLowerCase(), name.toLowerCase())
    if (distance < bestDistance) {
      best = name
      bestDistance = distance
    }
  }
  return best
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const replaced = row[j]! + (a[i] === b[j] ? 0 : 1)
      next.push(Math.min(replaced, row[j + 1]! + 1, next[j]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
