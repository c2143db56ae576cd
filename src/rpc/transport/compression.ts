import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { type Gzip, constants, createGzip, gunzip, gzip } from 'node:zlib'

/** `auto`: for clients on other machines. On this one it takes longer than it saves. */
export type Compression = 'auto' | 'always' | 'never'

/** Below this many characters nothing is gained. */
const WORTH_IT = 1_400
const compress = promisify(gzip)
const expand = promisify(gunzip)

/** Whether any answer on a connection from there goes out as gzip. */
export function mayCompress(when: Compression, remoteAddress: string | undefined): boolean {
  return when === 'always' || (when === 'auto' && !isLoopback(remoteAddress))
}

/** Whether the answer to `incoming` goes out as gzip. */
export function wantsGzip(
  when: Compression,
  { headers, socket }: IncomingMessage,
  length: number,
): boolean {
  if (length < WORTH_IT || !mayCompress(when, socket.remoteAddress)) return false
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(String(headers['accept-encoding'] ?? ''))
}

/** The fastest level: most of JSON-RPC is hex, and shrinks by half whatever is done. */
export function gzipText(text: string): Promise<Buffer> {
  return compress(text, { level: constants.Z_BEST_SPEED })
}

export function gzipStream(): Gzip {
  return createGzip({ level: constants.Z_BEST_SPEED })
}

/** What was sent as gzip; undefined when it is none, or longer than `maxBytes`. */
export async function gunzipBody(body: Buffer, maxBytes: number): Promise<Buffer | undefined> {
  const limit = Number.isFinite(maxBytes) ? { maxOutputLength: maxBytes } : {}
  try {
    return await expand(body, limit)
  } catch {
    return undefined
  }
}

function isLoopback(address: string | undefined): boolean {
  return address === undefined || /^(?:127\.|::1$|::ffff:127\.)/.test(address)
}
