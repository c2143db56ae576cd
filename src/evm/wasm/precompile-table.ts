import type { Rules } from '../../model/fork.ts'
import type { Address } from '../../primitives/hex.ts'
import { PRECOMPILES, type Precompile, precompileAt, precompileGas } from '../precompiles.ts'
import { PRECOMPILES_SIZE } from './layout.ts'

/** What came of running a precompile. Gas as used; `unpaid` when there was too little. */
export type PrecompileResult =
  | { readonly kind: 'done'; readonly gas: bigint; readonly output: Uint8Array }
  | { readonly kind: 'unpaid' | 'failed' }
  | { readonly kind: 'wait'; readonly ready: Promise<void> }

const HIGH = 0x100
/** The number in the engine's table of the one precompile beyond a byte. */
const HIGH_NUMBER = 0xff

/** The bytes at `PRECOMPILES` under these rules: each address's number, zero where there is none. */
export function precompileBytes(rules: Rules): Uint8Array {
  const bytes = new Uint8Array(PRECOMPILES_SIZE)
  for (const number of PRECOMPILES.keys()) {
    if (precompileAt(number, rules) !== undefined) bytes[number] = engineNumber(number)
  }
  return bytes
}

/** The engine's number of the precompile at an address; zero when there is none. */
export function numberAt(address: Address, rules: Rules): number {
  const value = BigInt(address)
  if (value >= BigInt(PRECOMPILES_SIZE)) return 0
  return precompileAt(Number(value), rules) === undefined ? 0 : engineNumber(Number(value))
}

/** @param which the engine's number */
export function precompileOf(which: number): Precompile {
  return PRECOMPILES.get(addressNumber(which))!
}

function addressNumber(which: number): number {
  return which === HIGH_NUMBER ? HIGH : which
}

function engineNumber(number: number): number {
  return number === HIGH ? HIGH_NUMBER : number
}

/** @param which the engine's number @param gas what there is */
export function runPrecompile(
  which: number,
  input: Uint8Array,
  gas: bigint,
  rules: Rules,
): PrecompileResult {
  const precompile = precompileOf(which)
  const cost = precompileGas(addressNumber(which), input, rules)
  if (cost > gas) return { kind: 'unpaid' }
  const ready = precompile.prepare?.()
  if (ready !== undefined) return { kind: 'wait', ready }
  const output = precompile.run(input, rules)
  return output === undefined ? { kind: 'failed' } : { kind: 'done', gas: cost, output }
}
