import type { Colors } from 'picocolors/types.js'

import { COMMON, Misuse, readArguments } from './arguments.ts'
import { askOver, defaultUrl } from './client.ts'
import { print, runCommand } from './command.ts'
import { coverageText } from './report-text.ts'
import type { Explanation, ShownCall, ShownSite } from './shapes.ts'
import { colorsFor, placeOf, shortName } from './text.ts'

const USAGE = `usage: heddle why TX_A TX_B [options]
  Why one transaction depends on another: the variable, both lines, both call paths.
  --rpc-url URL   the node to ask ($HEDDLE_RPC_URL or port 8545 here)
  --json          the answer of parallel_explain`

/** @returns the exit code: 0, or 2 for bad usage, no node or an unknown transaction */
export async function why(argv: readonly string[]): Promise<number> {
  return runCommand('why', USAGE, argv, async () => {
    const { values, positionals } = readArguments(argv, COMMON)
    const [a, b, ...more] = positionals
    if (a === undefined || b === undefined || more.length > 0) {
      throw new Misuse('expected the hashes of two transactions')
    }
    for (const hash of [a, b]) {
      if (!/^0x[0-9a-fA-F]{64}$/.test(hash))
        throw new Misuse(`expected the hash of a transaction, got ${hash}`)
    }
    const ask = askOver(values['rpc-url'] ?? defaultUrl())
    const answer = (await ask('parallel_explain', a, b)) as Explanation
    print(answer, values.json, () => renderWhy(answer, colorsFor(process.stdout)))
    return 0
  })
}

function renderWhy(
  { earlier, later, depends, hops, coverage }: Explanation,
  colors: Colors,
): string {
  if (!depends) {
    return `${named(later)} does not depend on ${named(earlier)}: they may run at once.\n`
  }
  const through =
    hops.length === 1 ? '' : `, through ${hops.length - 1} other${hops.length === 2 ? '' : 's'}`
  const lines = [`${named(later)} depends on ${named(earlier)}${through}.`]
  for (const { from, to, reasons } of hops) {
    if (hops.length > 1) lines.push('', `${named(from)} -> ${named(to)}`)
    for (const { name, kind, written, read } of reasons) {
      lines.push('', `  ${colors.bold(shortName(name))}${NOT_COUNTED[kind] ?? ''}`)
      lines.push(...siteLines('written', written, from), ...siteLines('read', read, to))
    }
  }
  return [...lines, '', `${colors.dim(`measured; ${coverageText(coverage)}`)}`, ''].join('\n')
}

const NOT_COUNTED: Readonly<Record<string, string>> = {
  senderNonce: ' (nonces of one sender: not counted in bounds)',
  fee: ' (the balance that fees go to: not counted in bounds)',
}

function named({ label, hash }: ShownCall): string {
  return `${shortName(label)} (${hash?.slice(0, 10) ?? 'not sent'})`
}

function siteLines(what: string, sites: readonly ShownSite[], call: ShownCall): string[] {
  return sites.map((site) => `    ${what.padEnd(8)} ${placeOf(site)}  in ${pathOf(site, call)}`)
}

function pathOf({ path }: ShownSite, { label }: ShownCall): string {
  return [shortName(label), ...path.slice(1).map((code) => shortName(code))].join(' > ')
}
