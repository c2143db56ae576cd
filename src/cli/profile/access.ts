import type { Colors } from 'picocolors/types.js'
import { readFile } from 'node:fs/promises'

import { ACCESS_FORMATS, type AccessFormat } from '../../rpc/profiler-port.ts'
import { COMMON, Misuse, readArguments } from './arguments.ts'
import { type Ask, defaultUrl, askOver } from './client.ts'
import { print, runCommand } from './command.ts'
import type { ShownCall } from './shapes.ts'
import { colorsFor, grouped, plural, shortName, table } from './text.ts'

const USAGE = `usage: heddle access TX | CALL | FILE [options]
  A transaction's access list (EIP-2930): what is declared, what is used, and which list is the cheapest.
  TX     the hash of a mined transaction
  CALL   a transaction object as JSON: '{"to":"0x..","data":"0x.."}'
  FILE   a file with one
  --block BLOCK    on whose state a call runs (latest)
  --format F       JSON in place of the table:
     eip2930       the cheapest list, to paste into a transaction; where no list pays, the one of all that it uses
     bal           its part of the block's list, as eth_getBlockAccessList has it (EIP-7928)
     monad-pages   the slots declared and used, by pages of 128 (MIP-8)
     named         what it reads and writes, with names, values and lines
  --fail-on WHAT   exit code 1 when there are entries that are: superfluous, missing
  --rpc-url URL    the node to ask ($HEDDLE_RPC_URL or port 8545 here)
  --json           the answer of parallel_checkAccessList
  Gas is measured by running the transaction with each list.`

const FAULTS = ['superfluous', 'missing'] as const
type Fault = (typeof FAULTS)[number]

interface Entry {
  readonly name: string
  readonly address: string
  readonly slot: string | null
}

type ShownList = readonly {
  readonly address: string
  readonly storageKeys: readonly string[]
}[]

interface Check {
  readonly transaction: ShownCall
  readonly superfluous: readonly (Entry & { readonly costs: number; readonly why: string })[]
  readonly missing: readonly Entry[]
  readonly undeclared: number
  readonly declared: ShownList
  readonly used: ShownList
  readonly cheapest: ShownList
  readonly gas: { readonly none: number | null; readonly declared: number; readonly best: number }
  readonly stability: readonly (Entry & {
    readonly in: string
    readonly notIn: string
    readonly why: string
  })[]
}

/** @returns the exit code: 0 well, 1 what `--fail-on` names is there, 2 bad usage or no node */
export async function access(argv: readonly string[]): Promise<number> {
  return runCommand('access', USAGE, argv, async () => {
    const { values, positionals } = readArguments(argv, {
      ...COMMON,
      block: { type: 'string' },
      format: { type: 'string' },
      'fail-on': { type: 'string' },
    })
    const [word, ...more] = positionals
    if (word === undefined || more.length > 0) throw new Misuse('expected one transaction')
    const format = formatOf(values.format)
    const faults = faultsOf(values['fail-on'])
    if (format !== undefined && faults.length > 0) {
      throw new Misuse('--format, --fail-on: name one of the two')
    }
    const ask = askOver(values['rpc-url'] ?? defaultUrl())
    const transaction = await transactionOf(word)
    const block = values.block ?? 'latest'
    if (format === 'eip2930') {
      const { cheapest, used } = await checkOf(ask, transaction, block)
      if (cheapest.length === 0) {
        process.stderr.write('heddle access: no list saves gas (measured); this is what it uses\n')
      }
      print(cheapest.length > 0 ? cheapest : used, true, () => '')
      return 0
    }
    if (format !== undefined) {
      const answer = await ask('parallel_getAccessSet', transaction, block, { format })
      print(SHOWN[format](answer as Answer), true, () => '')
      return 0
    }
    const check = await checkOf(ask, transaction, block)
    print(check, values.json, () => renderCheck(check, colorsFor(process.stdout)))
    return faults.some((fault) => check[fault].length > 0) ? 1 : 0
  })
}

async function checkOf(ask: Ask, transaction: unknown, block: string): Promise<Check> {
  return (await ask('parallel_checkAccessList', transaction, block)) as Check
}

type Answer = Readonly<Record<string, unknown>>

/** What of `parallel_getAccessSet`'s answer is the format. */
const SHOWN: Readonly<Record<Exclude<AccessFormat, 'eip2930'>, (answer: Answer) => unknown>> = {
  named: (answer) => answer,
  bal: ({ blockAccessList }) => blockAccessList,
  'monad-pages': ({ declaredPages, usedPages, pages }) => ({ declaredPages, usedPages, pages }),
}

function formatOf(text: string | undefined): AccessFormat | undefined {
  const format = ACCESS_FORMATS.find((known) => known === text)
  if (text !== undefined && format === undefined) {
    throw new Misuse(`--format: expected one of ${ACCESS_FORMATS.join(', ')}, got ${text}`)
  }
  return format
}

function faultsOf(text: string | undefined): readonly Fault[] {
  return (text ?? '')
    .split(',')
    .filter((each) => each !== '')
    .map((each) => {
      const fault = FAULTS.find((known) => known === each)
      if (fault === undefined)
        throw new Misuse(`--fail-on: expected ${FAULTS.join(' or ')}, got ${each}`)
      return fault
    })
}

async function transactionOf(word: string): Promise<unknown> {
  if (/^0x[0-9a-fA-F]{64}$/.test(word)) return word
  const text = word.startsWith('{') ? word : await readFile(word, 'utf8').catch(() => undefined)
  if (text === undefined) {
    throw new Misuse(
      `expected a transaction's hash, a transaction as JSON, or a file with one; got ${word}`,
    )
  }
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new Misuse(
      `the transaction is no JSON: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

function renderCheck(check: Check, colors: Colors): string {
  const { transaction, gas, cheapest, superfluous, missing, undeclared, stability } = check
  const declared = check.declared.reduce((sum, { storageKeys }) => sum + 1 + storageKeys.length, 0)
  const listed = cheapest.reduce((sum, { storageKeys }) => sum + 1 + storageKeys.length, 0)
  const failed = transaction.failed ? ', fails' : ''
  const lines = [
    `${colors.bold(shortName(transaction.label))}${failed}, ${declared === 0 ? 'no access list' : plural(declared, 'declared entry').replace(/entrys$/, 'entries')}`,
    '',
    ...table([
      ['GAS (measured)', 'entries', 'gas', 'saved'],
      ['  without a list', '0', gas.none === null ? 'does not run' : grouped(gas.none), ''],
      ['  as declared', `${declared}`, grouped(gas.declared), saved(gas.none, gas.declared)],
      ['  the cheapest', `${listed}`, grouped(gas.best), saved(gas.none, gas.best)],
    ]),
    '',
  ]
  if (superfluous.length > 0) {
    lines.push(colors.bold('SUPERFLUOUS'))
    lines.push(
      ...table(
        superfluous.map((entry) => [
          `  ${entryName(entry)}`,
          entry.why,
          `costs ${grouped(entry.costs)} gas`,
        ]),
      ),
      '',
    )
  }
  if (missing.length > 0) {
    lines.push(colors.bold('MISSING'), ...missing.map((entry) => `  ${entryName(entry)}`), '')
  }
  if (superfluous.length === 0 && missing.length === 0)
    lines.push('Nothing is superfluous, nothing that would pay is missing.')
  if (undeclared > missing.length) {
    lines.push(
      `${plural(undeclared, 'used place')} not declared, of which ${missing.length} would pay.`,
    )
  }
  lines.push('', ...stabilityLines(stability, colors), '')
  return lines.join('\n')
}

function stabilityLines(stability: Check['stability'], colors: Colors): string[] {
  if (stability.length === 0)
    return ['Stable: it uses the same places on the last states and in a later block.']
  return [
    colors.bold('NOT STABLE'),
    ...stability.map(
      (change) =>
        `  ${entryName(change)}: used in ${change.in}, not in ${change.notIn}, by ${shortName(change.why)}`,
    ),
  ]
}

function saved(none: number | null, gas: number): string {
  if (none === null) return ''
  return none === gas ? '0' : grouped(none - gas)
}

function entryName({ name, slot }: Entry): string {
  return slot === null ? `account ${shortName(name)}` : shortName(name)
}
