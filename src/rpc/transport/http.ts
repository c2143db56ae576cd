import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { type Dispatcher, errorText } from '../dispatch.ts'
import { invalidRequest } from '../error.ts'
import { type AccessPolicy, admit, corsOrigin } from './access.ts'
import { readBody } from './body.ts'
import { isVerification } from './post-path.ts'
import { type Compression, gunzipBody, gzipStream, gzipText, wantsGzip } from './compression.ts'

export interface HttpOptions extends AccessPolicy {
  /** Of a request's body. */
  readonly maxBodyBytes: number
  readonly compression: Compression
}

/**
 * Answers JSON-RPC itself and leaves everything else to `app`: through hono a request takes 1.5 times as long.
 * Every JSON-RPC answer is a 200, errors too: MetaMask and viem take other codes for a broken node.
 */
export function createHttpListener(
  dispatcher: Dispatcher,
  app: () => Promise<RequestListener>,
  options: HttpOptions,
): RequestListener {
  return (incoming, outgoing) => {
    const { host, origin } = incoming.headers
    const verdict = admit(options, host, origin)
    if (verdict.kind === 'forbidden') return forbid(outgoing, verdict.reason)
    if (origin !== undefined) allowOrigin(outgoing, options, origin)
    const { method, url = '/' } = incoming
    const isRpc = method === 'POST' && !isVerification(url, incoming.headers['content-type'])
    if (isRpc) void post(dispatcher, incoming, outgoing, options)
    else if (method === 'OPTIONS') preflight(incoming, outgoing, options)
    else void app().then((listener) => listener(incoming, outgoing))
  }
}

async function post(
  dispatcher: Dispatcher,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { maxBodyBytes, compression }: HttpOptions,
): Promise<void> {
  const body = await readBody(incoming, maxBodyBytes)
  if (body.kind === 'broken') {
    outgoing.destroy()
    return
  }
  if (body.kind === 'tooLarge') {
    const message = `request too large: this node takes ${maxBodyBytes} bytes (--max-body)`
    if (!body.readToEnd) {
      outgoing.setHeader('connection', 'close')
      outgoing.on('finish', () => incoming.destroy())
    }
    send(outgoing, errorText(null, invalidRequest(message)))
    return
  }
  const isGzip = incoming.headers['content-encoding'] === 'gzip'
  const bytes = isGzip ? await gunzipBody(body.bytes, maxBodyBytes) : body.bytes
  if (bytes === undefined) {
    const message = `invalid request: the body is no gzip, or longer than ${maxBodyBytes} bytes`
    send(outgoing, errorText(null, invalidRequest(message)))
    return
  }
  const answer = await dispatcher.handle(bytes.toString('utf8'), undefined)
  if (answer === undefined) outgoing.writeHead(204).end()
  else if (typeof answer !== 'string') await sendPieces(incoming, outgoing, answer, compression)
  else if (wantsGzip(compression, incoming, answer.length)) await sendGzip(outgoing, answer)
  else send(outgoing, answer)
}

function send(outgoing: ServerResponse, text: string): void {
  outgoing.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  })
  outgoing.end(text)
}

/** Written as the client takes it. */
async function sendPieces(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  pieces: readonly string[],
  compression: Compression,
): Promise<void> {
  const length = pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0)
  const isGzip = wantsGzip(compression, incoming, length)
  outgoing.writeHead(200, {
    'content-type': 'application/json',
    ...(isGzip ? { 'content-encoding': 'gzip' } : { 'content-length': length }),
  })
  const source = Readable.from(pieces, { objectMode: false })
  // A client that goes away in between is no fault.
  const sent = isGzip ? pipeline(source, gzipStream(), outgoing) : pipeline(source, outgoing)
  await sent.catch(() => outgoing.destroy())
}

async function sendGzip(outgoing: ServerResponse, text: string): Promise<void> {
  const bytes = await gzipText(text)
  outgoing.setHeader('vary', 'accept-encoding')
  outgoing.writeHead(200, {
    'content-type': 'application/json',
    'content-encoding': 'gzip',
    'content-length': bytes.length,
  })
  outgoing.end(bytes)
}

function forbid(outgoing: ServerResponse, reason: string): void {
  outgoing.writeHead(403, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
  outgoing.end(`${reason}\n`)
}

function allowOrigin(outgoing: ServerResponse, policy: AccessPolicy, origin: string): void {
  const allowed = corsOrigin(policy, origin)
  if (allowed === undefined) return
  outgoing.setHeader('access-control-allow-origin', allowed)
  if (allowed !== '*') outgoing.setHeader('vary', 'origin')
}

/** Whatever headers a client wants to send are allowed: none of them means anything here. */
function preflight(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { cors }: AccessPolicy,
): void {
  if (cors) {
    const wanted = incoming.headers['access-control-request-headers']
    outgoing.setHeader('access-control-allow-methods', 'POST, GET, OPTIONS')
    outgoing.setHeader('access-control-allow-headers', wanted ?? 'content-type')
    outgoing.setHeader('access-control-max-age', '600')
    if (incoming.headers['access-control-request-private-network'] === 'true') {
      outgoing.setHeader('access-control-allow-private-network', 'true')
    }
  }
  outgoing.writeHead(204).end()
}
