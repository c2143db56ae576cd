import type { Encoder } from '../codec/encoder.ts'
import { booleanOut } from '../codec/encoder.ts'
import { type Context, type Method, type MethodTable, type Param, method } from '../method.ts'

type Values<P extends readonly Param<unknown>[]> = {
  [K in keyof P]: P[K] extends Param<infer T> ? T : never
}

/** The same method under several names. */
export function aliases(names: readonly string[], one: Method): MethodTable {
  return Object.fromEntries(names.map((name) => [name, one]))
}

const nullOut: Encoder<unknown> = { schema: { type: 'null' }, encode: () => null }
const trueOut: Encoder<unknown> = { schema: { const: true }, encode: () => true }

/**
 * A cheat that answers nothing of its own: `null` by Anvil's names, `true` by Hardhat's. The `evm_*` and other
 * names follow Anvil.
 */
export function setter<const P extends readonly Param<unknown>[]>(
  names: readonly string[],
  params: P,
  run: (context: Context, ...args: Values<P>) => unknown,
): MethodTable {
  const answers = (out: Encoder<unknown>): Method => method(params, out, run)
  const [anvil, hardhat] = [answers(nullOut), answers(trueOut)]
  return Object.fromEntries(
    names.map((name) => [name, name.startsWith('hardhat_') ? hardhat : anvil]),
  )
}

/** A setter that answers `true` by every name, as Anvil does for a few. */
export function affirmed<const P extends readonly Param<unknown>[]>(
  names: readonly string[],
  params: P,
  run: (context: Context, ...args: Values<P>) => Promise<void> | void,
): MethodTable {
  const one = method(params, booleanOut, async (context: Context, ...args: Values<P>) => {
    await run(context, ...args)
    return true
  })
  return aliases(names, one)
}
