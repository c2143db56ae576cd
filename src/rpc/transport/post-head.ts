import { mayBeVerification } from './post-path.ts'

/** What of a POST's head is needed to answer it. */
export interface PostHead {
  readonly host: string
  /** Bytes of the body. */
  readonly length: number
}

const REQUEST_LINE = /^POST (\/[\x21-\x7e]*) HTTP\/1\.1$/
const FIELD = /^([!#$%&'*+\-.^_`|~\w]+):[ \t]*((?:[\x21-\x7e]+(?:[ \t]+[\x21-\x7e]+)*)?)[ \t]*$/
/** A request with one of these is more than a body of known length from no web page. */
const UNCOMMON: ReadonlySet<string> = new Set([
  'content-encoding',
  'expect',
  'origin',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * Reads the head of an HTTP/1.1 request (RFC 9112), if it is a POST of the plainest kind: one Host, one Content-Length, a connection
 * that stays, nothing odd. @param text without the empty line that ends it
 * @returns undefined for every other request, well formed or not: those are for a parser that knows all of HTTP
 */
export function readPostHead(text: string): PostHead | undefined {
  const [requestLine, ...lines] = text.split('\r\n')
  const target = REQUEST_LINE.exec(requestLine!)?.[1]
  if (target === undefined || mayBeVerification(target)) return undefined
  let host: string | undefined
  let length: number | undefined
  for (const line of lines) {
    const field = FIELD.exec(line)
    if (field === null) return undefined
    const name = field[1]!.toLowerCase()
    const value = field[2]!
    if (UNCOMMON.has(name)) return undefined
    if (name === 'connection' && value.toLowerCase() !== 'keep-alive') return undefined
    if (name === 'host') {
      if (host !== undefined) return undefined
      host = value
    } else if (name === 'content-length') {
      if (length !== undefined || !/^\d{1,9}$/.test(value)) return undefined
      length = Number(value)
    }
  }
  return host === undefined || length === undefined ? undefined : { host, length }
}
