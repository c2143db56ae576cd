import type { Reader } from '../readers.ts'

type Group =
  | 'Accounts:'
  | 'Blocks:'
  | 'Chain:'
  | 'Fork:'
  | 'Fees and limits:'
  | 'Server:'
  | 'Execution:'
  | 'Output:'

interface OptionSpec<T> {
  readonly group: Group
  /** As commander has it: `-p, --port <number>`. */
  readonly flags: string
  /** Other long names, which help does not show. */
  readonly aliases?: readonly string[]
  readonly help: string
  /** It may be given several times: the values come as lines. */
  readonly repeats?: true
  /** Values that shells complete. */
  readonly choices?: readonly string[]
  /** A file or folder: in a configuration file it is relative to that file. */
  readonly isPath?: true
  readonly read: Reader<T>
}

/** A flag for each of a group's settings. */
export type OptionSpecs<T> = { readonly [K in keyof T]-?: OptionSpec<T[K]> }
