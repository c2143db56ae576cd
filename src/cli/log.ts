import type { Colors } from 'picocolors/types.js'

import type { MinedTransaction, NodeEvent } from '../node/events.ts'
import { checksumAddress } from '../primitives/checksum.ts'
import { formatAmount, formatDuration, oneLine, printable } from './format.ts'

export interface LogOptions {
  readonly colors: Colors
  /** Print every transaction, however many a block has. */
  readonly verbose: boolean
  /** Print what contracts write with console.log. */
  readonly consoleLog: boolean
}

type Mined = Extract<NodeEvent, { kind: 'mined' }>

/** Transactions of one block that are printed in full. */
const SHOWN_TRANSACTIONS = 10
const INDENT = '    '

/** What an event looks like for people: whole lines, or nothing. A block with transactions ends in an empty line. */
export function renderEvent(event: NodeEvent, options: LogOptions): string {
  switch (event.kind) {
    case 'request':
      return renderRequest(event, 1, options)
    case 'mined':
      return renderMined(event, options)
    case 'call':
      return renderTold(event, options)
    case 'notice':
      return renderNotice(event.level, event.text, options)
  }
}

/** One line; `times` in a row are one line too. */
export function renderRequest(
  event: Extract<NodeEvent, { kind: 'request' }>,
  times: number,
  { colors }: LogOptions,
): string {
  const { error } = event
  const method = oneLine(event.method)
  const count = times > 1 ? ` (${times})` : ''
  const took = colors.dim(formatDuration(event.ms))
  if (error === undefined) return `${colors.green(method)}${count} ${took}\n`
  const reason = `${oneLine(error.message)} (${error.code})`
  const trace = (error.trace ?? []).map((line) => `${INDENT}${colors.red(oneLine(line))}\n`)
  return `${colors.red(method)}${count} ${took} ${colors.red(reason)}\n${trace.join('')}`
}

/** A row of blocks without transactions is one line. */
export function renderEmptyBlocks(first: bigint, last: bigint, { colors }: LogOptions): string {
  const text = first === last ? `Block ${first}: empty` : `Blocks ${first} to ${last}: empty`
  return `${colors.dim(text)}\n`
}

function renderNotice(
  level: 'info' | 'warn' | 'error',
  text: string,
  { colors }: Pick<LogOptions, 'colors'>,
): string {
  const shown = printable(text).replaceAll('\n', `\n${INDENT}`)
  if (level === 'info') return `${shown}\n`
  return level === 'warn'
    ? `${colors.yellow(`warning: ${shown}`)}\n`
    : `${colors.red(`error: ${shown}`)}\n`
}

function renderMined(event: Mined, options: LogOptions): string {
  const { block, transactions } = event
  if (transactions.length === 0) {
    return renderEmptyBlocks(block.header.number, block.header.number, options)
  }
  const shown = options.verbose ? transactions : transactions.slice(0, SHOWN_TRANSACTIONS)
  const parts = shown.map((mined) => renderTransaction(mined, options))
  const hidden = transactions.slice(shown.length)
  if (hidden.length > 0) parts.push(renderHidden(hidden))
  return `${[...parts, renderBlock(event, options)].join('\n')}\n`
}

function renderTransaction(mined: MinedTransaction, options: LogOptions): string {
  const { transaction, receipt, failure } = mined
  const { colors } = options
  const label = oneLine(mined.label)
  const from = checksumAddress(transaction.sender)
  const to = transaction.to === null ? 'a new contract' : checksumAddress(transaction.to)
  const lines = [
    colors.bold(failure === undefined ? colors.green(label) : colors.red(label)),
    `Transaction: ${transaction.hash}`,
    `From:        ${from} → ${to}`,
  ]
  if (receipt.contractAddress !== null) {
    lines.push(`Contract:    ${checksumAddress(receipt.contractAddress)}`)
  }
  if (transaction.valueWei !== 0n) lines.push(`Value:       ${formatAmount(transaction.valueWei)}`)
  lines.push(`Gas used:    ${receipt.gasUsed} of ${transaction.gasLimit}`)
  if (failure !== undefined) lines.push(`Error:       ${colors.red(oneLine(failure))}`)
  for (const line of mined.stack) lines.push(`             ${colors.red(oneLine(line))}`)
  const body = lines.map((line) => `${INDENT}${line}\n`).join('')
  return body + renderTold(mined, options)
}

/** Lines of console.log stand in the tree where there is one. */
function renderTold(
  told: { readonly console: readonly string[]; readonly trace: readonly string[] },
  options: LogOptions,
): string {
  if (told.trace.length > 0) return renderTree(told.trace)
  return options.consoleLog ? renderConsole(told.console, options) : ''
}

function renderTree(lines: readonly string[]): string {
  return `\n${lines.map((line) => `${INDENT}${oneLine(line)}\n`).join('')}`
}

function renderConsole(lines: readonly string[], { colors }: LogOptions): string {
  if (lines.length === 0) return ''
  const body = lines.map((line) => printable(line).replaceAll('\n', `\n${INDENT}  `))
  return `${INDENT}console.log:\n${body.map((line) => `${INDENT}  ${colors.magenta(line)}\n`).join('')}`
}

function renderHidden(hidden: readonly MinedTransaction[]): string {
  const failed = hidden.filter(({ failure }) => failure !== undefined).length
  const failures = failed === 0 ? '' : `, ${failed} of them failed`
  return `${INDENT}and ${hidden.length} more${failures} (-v prints all)\n`
}

function renderBlock({ block, transactions, executor, ms }: Mined, { colors }: LogOptions): string {
  const count = transactions.length === 1 ? '1 transaction' : `${transactions.length} transactions`
  const cost = `${block.header.gasUsed} gas, ${formatDuration(ms)}, ${oneLine(executor)}`
  return `${INDENT}Block:       ${block.header.number} ${block.hash}\n${INDENT}${colors.dim(`             ${count}, ${cost}`)}\n`
}
