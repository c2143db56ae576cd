import { type ParseArgsConfig, parseArgs } from 'node:util'

/** The command lines of the profiler's commands. */

/** What is wrong with a command line, in one line. */
export class Misuse extends Error {}

type Options = NonNullable<ParseArgsConfig['options']>
type Text = { readonly type: 'string' }
type Flag = { readonly type: 'boolean' }

/** What every command takes. */
export const COMMON: { readonly 'rpc-url': Text; readonly json: Flag } = {
  'rpc-url': { type: 'string' },
  json: { type: 'boolean' },
}

/** Which transactions: for commands that take a window. */
export const WINDOW: {
  readonly last: Text
  readonly blocks: Text
  readonly 'as-block': Flag
  readonly 'spread-senders': Flag
} = {
  last: { type: 'string' },
  blocks: { type: 'string' },
  'as-block': { type: 'boolean' },
  'spread-senders': { type: 'boolean' },
}

type Parsed<O extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: O; allowPositionals: true; strict: true }>
>

/** Values as text or true, and what is no option. @throws {Misuse} */
export function readArguments<O extends Options>(argv: readonly string[], options: O): Parsed<O> {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new Misuse(reword(error instanceof Error ? error.message : String(error)))
  }
}

/** `Unknown option '--prot'. To specify ...` without the advice. */
function reword(message: string): string {
  const unknown = /^Unknown option '([^']*)'/.exec(message)?.[1]
  if (unknown !== undefined) return `unknown option ${unknown}`
  const missing = /^Option '(?:-\w, )?(--[\w-]+) <value>' argument missing/.exec(message)?.[1]
  return missing === undefined ? message.split('\n', 1)[0]! : `${missing}: a value is missing`
}

/** A whole number from 1 on. @throws {Misuse} */
export function countOf(name: string, text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text))
    throw new Misuse(`${name}: expected a number from 1 on, got ${text}`)
  return Number(text)
}

/** A block as RPC takes it: a tag, a hash, a number in decimal or hex. undefined when the text is none. */
function blockOf(text: string): string | undefined {
  if (/^(?:latest|pending|earliest|safe|finalized)$/.test(text)) return text
  if (/^\d{1,15}$/.test(text)) return `0x${Number(text).toString(16)}`
  return /^0x[0-9a-fA-F]{1,64}$/.test(text) ? text : undefined
}

interface WindowValues {
  readonly last?: string | undefined
  readonly blocks?: string | undefined
  readonly 'as-block'?: boolean | undefined
  readonly 'spread-senders'?: boolean | undefined
}

/** What is looked at when nothing is named: together, since a dev chain mines a block for each. */
const DEFAULT_LAST = 100

/** Says so. */
export const DEFAULT_WINDOW: string = `no window named: the newest transactions, at most ${DEFAULT_LAST} (--last N, a block, or blocks as 4..9)`

/**
 * The subject that `parallel_*` methods take, of a word (`latest`, `12`, `4..9`) and of options.
 * @returns undefined when the word is none of these: it names a file
 * @throws {Misuse}
 */
export function windowOf(word: string | undefined, values: WindowValues): object | undefined {
  const options = {
    asBlock: values['as-block'] === true,
    spreadSenders: values['spread-senders'] === true,
  }
  const named = [word, values.last, values.blocks].filter((each) => each !== undefined)
  if (named.length > 1) throw new Misuse('name one window: a block, --last or --blocks')
  if (values.last !== undefined) return { last: countOf('--last', values.last), ...options }
  if (values.blocks !== undefined) return rangeOf(values.blocks, '--blocks', options)
  if (word === undefined) return { last: DEFAULT_LAST, ...options, asBlock: true }
  if (/^\w+\.\.\w+$/.test(word)) return rangeOf(word, 'the window', options)
  const block = blockOf(word)
  return block === undefined ? undefined : { block, ...options }
}

function rangeOf(text: string, name: string, options: object): object {
  const [first = '', last = ''] = text.split('..')
  const [fromBlock, toBlock] = [blockOf(first), blockOf(last)]
  if (fromBlock === undefined || toBlock === undefined) {
    throw new Misuse(`${name}: expected two blocks as 4..9, got ${text}`)
  }
  return { fromBlock, toBlock, ...options }
}
