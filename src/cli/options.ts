import { CHAIN_OPTIONS } from './options/chain.ts'
import { EXECUTION_OPTIONS } from './options/execution.ts'
import { FEE_OPTIONS } from './options/fees.ts'
import { FORK_OPTIONS } from './options/fork.ts'
import { OUTPUT_OPTIONS } from './options/output.ts'
import { SERVER_OPTIONS } from './options/server.ts'
import type { OptionSpecs } from './options/spec.ts'
import type { Key, Settings } from './settings.ts'

/** Every setting of the node: Anvil's names and defaults where Anvil has it. */
export const OPTIONS: OptionSpecs<Settings> = {
  ...CHAIN_OPTIONS,
  ...FEE_OPTIONS,
  ...SERVER_OPTIONS,
  ...FORK_OPTIONS,
  ...EXECUTION_OPTIONS,
  ...OUTPUT_OPTIONS,
}

export const KEYS: readonly Key[] = Object.keys(OPTIONS) as Key[]

/** The name of the long flag, without dashes. */
export function longName(key: Key): string {
  return /--([\w-]+)/.exec(OPTIONS[key].flags)![1]!
}

/** Each long name, aliases too, and whose it is. */
export const LONG_NAMES: ReadonlyMap<string, Key> = new Map(
  KEYS.flatMap((key) =>
    [longName(key), ...(OPTIONS[key].aliases ?? [])].map((name) => [name, key] as const),
  ),
)
