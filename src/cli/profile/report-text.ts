import type { Colors } from 'picocolors/types.js'

import type { FixFirst, Report } from './shapes.ts'
import { grouped, linesOf, percent, plural, shortName, table, times, wrap } from './text.ts'

/** Hot locations that are shown unless all are asked for. */
const SHOWN = 3
const SHOWN_CORES: ReadonlySet<number> = new Set([1, 2, 4, 8, 16, 32, 64])
/** Solana stops an account at about this share of a block. */
const LOCKED_SHARE = 0.2

interface Shown {
  /** All locations that were looked into. */
  readonly all: boolean
  /** Which transactions these are when the user did not say. */
  readonly note: string | undefined
}

/** One screen about what orders transactions and what to do about it. */
export function renderReport(report: Report, colors: Colors, { all, note }: Shown): string {
  const { subject, transactions, serialGas, bound, fixFirst } = report
  const failed = subject.failed === 0 ? '' : `, ${subject.failed} failed`
  const lines = [
    `${colors.bold(subject.text)}, ${grouped(serialGas)} gas${failed}`,
    colors.dim('gas and dependencies are measured; bounds and speed-ups are modelled from them'),
    ...(note === undefined ? [] : [colors.dim(note)]),
    '',
  ]
  if (transactions === 0)
    return [...lines, 'Nothing to look at.', ...footer(report, colors), ''].join('\n')
  lines.push(
    `${colors.bold('BOUND')}  ${colors.bold(times(bound.byGas))} with a core for each transaction; ` +
      `the longest chain is ${plural(report.criticalPath.byGas.length, 'transaction')}, ${grouped(report.criticalPath.gas)} gas`,
    ...curveLines(report),
    '',
  )
  if (fixFirst.length === 0) lines.push('Nothing orders these transactions.')
  else {
    const shown = all ? fixFirst : fixFirst.slice(0, SHOWN)
    lines.push(...fixLines(shown, fixFirst.length, colors))
  }
  return [...lines, ...footer(report, colors), ''].join('\n')
}

function curveLines({ curve }: Report): string[] {
  const points = curve.filter(({ cores }) => SHOWN_CORES.has(cores))
  const rows = [
    ['       cores', ...points.map(({ cores }) => `${cores}`)],
    ['       at most', ...points.map((point) => times(point.bound))],
    ['       a plain schedule', ...points.map((point) => times(point.scheduled))],
  ]
  return table(rows)
}

function fixLines(shown: readonly FixFirst[], count: number, colors: Colors): string[] {
  const head = ['FIX FIRST', 'readers', 'writers', 'gas behind', 'bound without', 'and those above']
  const rows = shown.map((each, at) => [
    `${at + 1}  ${shortName(each.name)}`,
    grouped(each.readers),
    grouped(each.writers),
    grouped(each.gasBehind),
    times(each.boundWithout),
    times(each.boundWithoutUpTo),
  ])
  const [title, ...lines] = table([head, ...rows])
  const body = lines.flatMap((line, at) => [
    at === 0 ? colors.bold(line) : line,
    ...detailLines(shown[at]!),
  ])
  const more = count - shown.length
  return [
    colors.bold(title!),
    ...body,
    ...(more > 0 ? [`   and ${plural(more, 'more location')} (--all)`] : []),
  ]
}

function detailLines(each: FixFirst): string[] {
  const indent = '   '
  const lines: string[] = []
  const where = linesOf(each.sites)
  if (where !== '') lines.push(...wrap(where, indent))
  if (each.together.length > 0) {
    const names = each.together.slice(0, 3).map(({ name }) => shortName(name))
    const more = each.together.length > 3 ? ` and ${each.together.length - 3} more` : ''
    lines.push(
      ...wrap(`together with ${names.join(', ')}${more}: they conflict in company`, indent),
    )
  }
  lines.push(...wrap(`${kindOf(each)}: ${cureOf(each)}`, indent))
  const { commutative, packed } = each
  if (commutative !== undefined) {
    const proof = commutative.evidence === 'dataflow' ? 'followed in the code' : 'judged by values'
    lines.push(
      ...wrap(
        `${commutative.adders} only add to it (${proof}): if additions did not order, ${times(commutative.boundAsDelta)}`,
        indent,
      ),
    )
  }
  if (packed !== undefined) {
    const fields = packed.fields.map(
      ({ path, writers }) => `${path} (${plural(writers, 'writer')})`,
    )
    lines.push(
      ...wrap(
        `one slot for ${fields.join(', ')}: in slots of their own, ${times(packed.boundUnpacked)}`,
        indent,
      ),
    )
  }
  if (each.gasShare > LOCKED_SHARE && each.writers > 1) {
    lines.push(
      ...wrap(
        `its writers take ${percent(each.gasShare)} of the gas; Solana would stop one account near 20 %`,
        indent,
      ),
    )
  }
  return lines
}

const KINDS: Readonly<Record<string, string>> = {
  reserve: 'a pool reserve',
  counter: 'a counter',
  accumulator: 'an accumulator',
  arrayLength: 'the length of a list',
  timestamp: 'a time',
  owner: 'an address',
}

function kindOf({ pattern, name }: FixFirst): string {
  return KINDS[pattern] ?? (name.includes('[') ? 'an entry of a mapping or list' : 'a variable')
}

function cureOf({ pattern, cure, name }: FixFirst): string {
  if (pattern === 'reserve')
    return 'inherent, its purpose is to order who comes; more pools spread it'
  if (pattern === 'unknown' && name.includes('[')) return 'only those who meet in this entry wait'
  return cure
}

function footer(
  { notCounted, subject, coverage, volatile, calls }: Report,
  colors: Colors,
): string[] {
  const lines = ['']
  const left: string[] = []
  const { senderNonce, fee } = notCounted
  if (senderNonce.edges > 0) {
    left.push(`nonces of one sender (${times(senderNonce.boundWith)} with them)`)
  }
  if (fee.edges > 0) left.push(`reads of the fee balance (${times(fee.boundWith)} with them)`)
  if (subject.deploymentsLeftOut > 0) left.push(plural(subject.deploymentsLeftOut, 'deployment'))
  if (left.length > 0) lines.push(...labelled('NOT COUNTED', left.join(', '), colors))
  if (subject.failedAnew > 0) {
    const text = `${subject.failedAnew} of ${calls.length} fail in this run and did not when they were mined`
    lines.push(...labelled('CAREFUL', text, colors))
  }
  for (const { name, transactions, lines: where } of volatile) {
    const places = where.length === 0 ? '' : ` at ${where.slice(0, 3).join(', ')}`
    const text = `${plural(transactions, 'transaction')} read ${name}${places}`
    lines.push(...labelled('VOLATILE', text, colors))
  }
  lines.push(...labelled('NAMES', coverageText(coverage), colors))
  for (const { contract, address, reason } of coverage.refused.slice(0, 3)) {
    lines.push(...wrap(`${contract} (${shortName(address)}): ${reason}`, '             '))
  }
  return lines
}

export function coverageText({
  text,
  slots,
  approximate,
  undecidedChecks,
}: Report['coverage']): string {
  const parts = [slots === 0 ? 'no storage was touched' : text]
  if (approximate > 0) parts.push('account reads are over-approximated by this engine')
  if (undecidedChecks > 0) parts.push(`${undecidedChecks} checks of balances taken as independent`)
  return parts.join('; ')
}

function labelled(label: string, text: string, colors: Colors): string[] {
  const [first, ...rest] = wrap(text, ' '.repeat(13))
  return [colors.bold(label.padEnd(13)) + first!.trimStart(), ...rest]
}
