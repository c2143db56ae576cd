import type { NodeEvent, NodeListener } from '../node/events.ts'
import { type LogOptions, renderEmptyBlocks, renderEvent, renderRequest } from './log.ts'
import { renderJson } from './log-json.ts'

/** The part of a stream that the log needs. */
export interface LogStream {
  readonly isTTY?: boolean
  /** Bytes that wait to be written. */
  readonly writableLength: number
  write(text: string): unknown
}

/** A reader that stopped reading must not make the node's memory grow: past this the log skips lines. */
const MAX_WAITING_BYTES = 1 << 20
const LINE_UP_AND_CLEAR = '\u001b[1A\u001b[2K'

/** What was printed last, when the next event may fold into it. */
type Last =
  | { readonly kind: 'request'; readonly method: string; readonly times: number }
  | { readonly kind: 'empty'; readonly first: bigint }
  | undefined

/** Writes the node's events as they come; on a terminal a repeated poll changes the line before it. */
export function createLogWriter(stream: LogStream, options: LogOptions): NodeListener {
  const canFold = stream.isTTY === true
  const write = boundedWrite(stream, toText)
  let last: Last
  let isApart = true
  return (event) => {
    const folded = canFold ? fold(event, last, options) : undefined
    if (folded !== undefined) {
      last = folded.last
      write(LINE_UP_AND_CLEAR + folded.text)
      return
    }
    const text = renderEvent(event, options)
    if (text === '') return
    // An empty line on both sides of a block, one between two blocks.
    write(text.endsWith('\n\n') && !isApart ? `\n${text}` : text)
    isApart = text.endsWith('\n\n')
    last = start(event)
  }
}

/** Writes each event as a line of JSON. */
export function createJsonWriter(stream: LogStream): NodeListener {
  const write = boundedWrite(stream, (text) => renderJson({ kind: 'notice', level: 'warn', text }))
  return (event) => write(renderJson(event))
}

/** `--quiet`: errors only. */
export function createErrorWriter(stream: LogStream, options: LogOptions): NodeListener {
  const write = boundedWrite(stream, toText)
  return (event) => {
    if (event.kind === 'notice' && event.level === 'error') write(renderEvent(event, options))
  }
}

function fold(
  event: NodeEvent,
  last: Last,
  options: LogOptions,
): { readonly text: string; readonly last: Last } | undefined {
  if (event.kind === 'request' && last?.kind === 'request') {
    if (event.error !== undefined || event.method !== last.method) return undefined
    const times = last.times + 1
    return { text: renderRequest(event, times, options), last: { ...last, times } }
  }
  if (event.kind === 'mined' && event.transactions.length === 0 && last?.kind === 'empty') {
    return { text: renderEmptyBlocks(last.first, event.block.header.number, options), last }
  }
  return undefined
}

function start(event: NodeEvent): Last {
  if (event.kind === 'request') {
    return event.error === undefined
      ? { kind: 'request', method: event.method, times: 1 }
      : undefined
  }
  const isEmptyBlock = event.kind === 'mined' && event.transactions.length === 0
  return isEmptyBlock ? { kind: 'empty', first: event.block.header.number } : undefined
}

function boundedWrite(
  stream: LogStream,
  renderSkipped: (text: string) => string,
): (text: string) => void {
  let skipped = 0
  return (text) => {
    if (stream.writableLength > MAX_WAITING_BYTES) {
      skipped += 1
      return
    }
    if (skipped > 0) stream.write(renderSkipped(`${skipped} log entries were not printed`))
    skipped = 0
    stream.write(text)
  }
}

function toText(text: string): string {
  return `(${text})\n`
}
