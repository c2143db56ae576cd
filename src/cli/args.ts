import { Command, CommanderError, Option } from 'commander'

import { KEYS, LONG_NAMES, OPTIONS, longName } from './options.ts'
import { NOTES, REFUSALS, type Refusal } from './refused.ts'
import type { Key } from './settings.ts'
import { suggestion } from './suggest.ts'

/** What the command line asks for. Values are still text, or true. */
export type Request =
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'tool'; readonly name: ToolName; readonly argv: readonly string[] }
  | {
      readonly kind: 'run' | 'doctor'
      readonly flags: readonly (readonly [Key, string | number | true])[]
      readonly configFile: string | undefined
      readonly notes: readonly string[]
    }
  | { readonly kind: 'bad'; readonly problems: readonly string[] }

/** Tools that read their own arguments. */
const TOOLS = {
  replay: 'execute recorded mainnet blocks and compare gas and receipts',
  fetch: 'fetch blocks of a remote chain with the state they read, for replay',
  statetest: 'run Ethereum state tests',
  blocktest: 'run Ethereum blockchain tests',
  verify: 'check certificates of blocks without executing anything',
  db: 'count, check or compact what a data folder holds',
  prune: 'delete old states from a data folder',
  report: 'which variable orders transactions, and what curing it would gain',
  why: 'why one transaction depends on another',
  check: 'a gate for CI: conflicts and speed-ups of a scenario',
  matrix: "a contract's functions against each other",
  compare: "what each chain's executor would make of transactions",
  diff: 'what a change did: two kept reports',
  access: "a transaction's access list: declared, used, cheapest",
  completions: 'print what completes commands and flags in bash, zsh or fish',
} as const
export type ToolName = keyof typeof TOOLS

/** What each word after `heddle` stands for. */
export const COMMANDS: Readonly<Record<string, string>> = {
  doctor: 'say what is installed, found and free here',
  ...TOOLS,
  help: 'print the help',
}

const EPILOGUE = `
Commands:
  heddle                     run the node
  heddle doctor              ${COMMANDS['doctor']}
${Object.entries(TOOLS)
  .map(([name, help]) => `  heddle ${name.padEnd(19)} ${help}`)
  .join('\n')}

Examples:
  heddle                                    ten accounts on http://127.0.0.1:8545
  heddle --port 9545 --accounts 3
  heddle --block-time 2 --data-dir .heddle  a block every two seconds, kept on disk
  heddle --chain-id 1337 --silent

Other names that flags have, here and in other nodes:
${KEYS.filter((key) => OPTIONS[key].aliases !== undefined)
  .map((key) => `  ${`--${longName(key)}`.padEnd(34)} ${otherNames(key)}`)
  .join('\n')}

Every flag may also be set by a variable (HEDDLE_PORT, HEDDLE_BLOCK_TIME) or in heddle.config.ts or
heddle.config.json (port, blockTime). Flags win over variables, variables over the file.
`

function otherNames(key: Key): string {
  return (OPTIONS[key].aliases ?? []).map((name) => `--${name}`).join(', ')
}

/** Reads the words after `heddle`. Nothing is printed and nothing is loaded. */
export function parseArgs(argv: readonly string[], version: string): Request {
  const first = argv[0]
  if (isTool(first)) return { kind: 'tool', name: first, argv: argv.slice(1) }
  const printed: string[] = []
  const program = buildProgram(version, printed)
  let verbosity = 0
  program.on('option:verbosity', () => (verbosity += 1))
  try {
    program.parse(spelledOut(argv), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { kind: 'print', text: printed.join('') }
    return { kind: 'bad', problems: [reword(error.message)] }
  }
  const [command, ...more] = program.args
  if (more.length > 0) return { kind: 'bad', problems: [`unexpected argument "${more[0]}"`] }
  if (command === 'help') return { kind: 'print', text: program.helpInformation() + EPILOGUE }
  if (command !== undefined && command !== 'doctor') {
    return { kind: 'bad', problems: [unknownCommand(command)] }
  }
  const problems = given(program, REFUSALS)
  if (problems.length > 0) return { kind: 'bad', problems }
  return {
    kind: command === 'doctor' ? 'doctor' : 'run',
    flags: collectFlags(program, verbosity),
    configFile: program.getOptionValue('config') as string | undefined,
    notes: given(program, NOTES),
  }
}

/** Hardhat's `--verbosity 3` is `-vvv`. */
function spelledOut(argv: readonly string[]): string[] {
  const words: string[] = []
  for (const word of argv) {
    const level = words.at(-1) === '--verbosity' ? /^[0-5]$/.exec(word)?.[0] : undefined
    if (level === undefined) words.push(word)
    else words.splice(-1, 1, ...(level === '0' ? [] : [`-${'v'.repeat(Number(level))}`]))
  }
  return words
}

function isTool(name: string | undefined): name is ToolName {
  return name !== undefined && Object.hasOwn(TOOLS, name)
}

function unknownCommand(name: string): string {
  if (isTool(name)) return `${name} comes first: heddle ${name} ...`
  return `unknown command "${name}"${suggestion(name, Object.keys(COMMANDS))}`
}

function buildProgram(version: string, printed: string[]): Command {
  const program = new Command('heddle')
    .description('A local Ethereum dev chain.')
    .usage('[command] [options]')
    .exitOverride()
    .configureOutput({ writeOut: (text) => printed.push(text), writeErr: () => {} })
    .allowExcessArguments()
    .addHelpText('after', EPILOGUE)
  for (const key of KEYS) addSetting(program, key)
  program.addOption(
    new Option('--config <file>', 'configuration file (default heddle.config.*)').helpGroup(
      'Other:',
    ),
  )
  program.version(`heddle ${version}`, '-V, --version', 'print the version')
  program.addHelpOption(new Option('-h, --help', 'print this').helpGroup('Other:'))
  for (const option of program.options) if (option.long === '--version') option.helpGroup('Other:')
  for (const { flags, aliases = [] } of [...REFUSALS, ...NOTES]) {
    program.addOption(new Option(flags).hideHelp())
    for (const alias of aliases) addAlias(program, alias, flags)
  }
  return program
}

function addSetting(program: Command, key: Key): void {
  const { flags, aliases = [], help, group, repeats = false } = OPTIONS[key]
  program.addOption(repeated(new Option(flags, help).helpGroup(group), repeats))
  for (const alias of aliases) addAlias(program, alias, flags, repeats)
}

function addAlias(program: Command, alias: string, flags: string, repeats = false): void {
  const argument = / [<[].*$/.exec(flags)?.[0] ?? ''
  program.addOption(repeated(new Option(`--${alias}${argument}`).hideHelp(), repeats))
}

function repeated(option: Option, repeats: boolean): Option {
  if (!repeats) return option
  return option.argParser((value, before: string | undefined) =>
    before === undefined ? value : `${before}\n${value}`,
  )
}

/** What was given, in the order of the table; a setting's own name comes before its aliases. */
function collectFlags(
  program: Command,
  verbosity: number,
): (readonly [Key, string | number | true])[] {
  const flags = new Map<Key, string | number | true>()
  for (const option of program.options) {
    const key = LONG_NAMES.get(option.name())
    if (key === undefined || !isGiven(program, option)) continue
    const value = program.getOptionValue(option.attributeName()) as string | boolean
    const before = flags.get(key)
    if (before !== undefined) {
      if (OPTIONS[key].repeats) flags.set(key, `${before}\n${value}`)
      continue
    }
    if (key === 'verbosity') flags.set(key, Math.min(verbosity, 5))
    else flags.set(key, typeof value === 'string' ? value : true)
  }
  return [...flags]
}

function isGiven(program: Command, option: Option): boolean {
  return program.getOptionValueSource(option.attributeName()) === 'cli'
}

/** A sentence for each of these flags that was given. */
function given(program: Command, known: readonly Refusal[]): string[] {
  const reasons = new Map(
    known.flatMap(({ flags, aliases = [], reason }) =>
      [new Option(flags).name(), ...aliases].map((name) => [name, reason] as const),
    ),
  )
  return program.options.flatMap((option) => {
    const reason = reasons.get(option.name())
    return reason !== undefined && isGiven(program, option) ? [`${option.long}: ${reason}`] : []
  })
}

/** Commander's sentences in ours: `unknown option --prot, did you mean "--port"?` */
function reword(message: string): string {
  const plain = message.replace(/^error: /, '').replaceAll(/\s+/g, ' ')
  const unknown = /^unknown option '(-[^']*)'/.exec(plain)?.[1]
  if (unknown !== undefined) {
    const name = unknown.split('=', 1)[0]!
    const known = ['config', 'help', 'version', ...KEYS.map(longName)].map((each) => `--${each}`)
    return `unknown option ${name}${name.startsWith('--') ? suggestion(name, known) : ''}`
  }
  const missing = /^option '(?:-\w, )?(--[\w-]+) .*argument missing$/.exec(plain)?.[1]
  return missing === undefined ? plain : `${missing}: a value is missing`
}
