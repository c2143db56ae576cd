import type { Subject } from '../../client/subject.ts'

/** The transactions that a report is of, as the address bar has them: `?last=50`, `?blocks=4..9&as-block`, `?block=7`. */
export type Window = Span & {
  /** Run once more as one block on the state that the first of them found. */
  readonly asBlock: boolean
  /** Each from a sender of its own. */
  readonly spreadSenders: boolean
}

type Span =
  | { readonly kind: 'last'; readonly count: number }
  | { readonly kind: 'block'; readonly block: number }
  | { readonly kind: 'blocks'; readonly from: number; readonly to: number }

/** Automine puts one transaction into a block, so the first look is at several. */
export const FIRST_WINDOW: Window = {
  kind: 'last',
  count: 50,
  asBlock: false,
  spreadSenders: false,
}

/** @returns the first window when the query names none; what is wrong with it when it names no possible one */
export function readWindow(query: URLSearchParams): Window | { readonly wrong: string } {
  const span = readSpan(query)
  if ('wrong' in span) return span
  const spreadSenders = query.has('spread-senders')
  return { ...span, asBlock: spreadSenders || query.has('as-block'), spreadSenders }
}

function readSpan(query: URLSearchParams): Span | { readonly wrong: string } {
  const block = query.get('block')
  const blocks = query.get('blocks')
  const last = query.get('last')
  if (block !== null) {
    return isNumber(block) ? { kind: 'block', block: Number(block) } : wrong('block', '7', block)
  }
  if (blocks !== null) {
    const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(blocks) ?? []
    if (from === undefined || to === undefined || Number(from) > Number(to)) {
      return wrong('blocks', '4..9', blocks)
    }
    return { kind: 'blocks', from: Number(from), to: Number(to) }
  }
  if (last === null) return FIRST_WINDOW
  return isNumber(last) && Number(last) > 0
    ? { kind: 'last', count: Number(last) }
    : wrong('last', '50', last)
}

function isNumber(text: string): boolean {
  return /^\d{1,15}$/.test(text)
}

function wrong(name: string, example: string, given: string): { readonly wrong: string } {
  return { wrong: `${name}: expected something like ${example}, not "${given}"` }
}

/** What `readWindow` reads: without the question mark. */
export function writeWindow(window: Window): string {
  const flags = `${window.asBlock ? '&as-block' : ''}${window.spreadSenders ? '&spread-senders' : ''}`
  switch (window.kind) {
    case 'last':
      return `last=${window.count}${flags}`
    case 'block':
      return `block=${window.block}${flags}`
    case 'blocks':
      return `blocks=${window.from}..${window.to}${flags}`
  }
}

/** As `parallelActions` take it. */
export function subjectOf(window: Window): Subject {
  const { asBlock, spreadSenders } = window
  const options = { ...(asBlock && { asBlock }), ...(spreadSenders && { spreadSenders }) }
  switch (window.kind) {
    case 'last':
      return { last: window.count, ...options }
    case 'block':
      return { block: window.block, ...options }
    case 'blocks':
      return { fromBlock: window.from, toBlock: window.to, ...options }
  }
}
