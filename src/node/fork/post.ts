import type { Json } from '../../rpc/backend.ts'

/** A request of JSON-RPC, without its id. */
export interface RemoteRequest {
  readonly method: string
  readonly params: readonly Json[]
}

export interface RemoteFault {
  readonly code: number
  readonly message: string
  readonly data?: Json | undefined
}

/** The answer to one request of a batch. */
export type RemoteAnswer =
  | { readonly kind: 'result'; readonly result: Json }
  | { readonly kind: 'error'; readonly error: RemoteFault }
  | { readonly kind: 'missing' }

/** What came of asking an endpoint once. */
export type Posted =
  | { readonly kind: 'answered'; readonly answers: readonly RemoteAnswer[] }
  /** It takes no batch of this size. */
  | { readonly kind: 'noBatch' }
  /** Too many requests: to be asked later. */
  | { readonly kind: 'limited'; readonly reason: string; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'failed'; readonly reason: string }
  /** Asking again would change nothing. */
  | { readonly kind: 'refused'; readonly reason: string }

/** Sends requests in one HTTP request. Never throws. @param timeoutMs for all of it, the answer's body included */
export async function post(
  url: string,
  requests: readonly RemoteRequest[],
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
  ended: AbortSignal,
): Promise<Posted> {
  const calls = requests.map((each, id) => ({ jsonrpc: '2.0', id, ...each }))
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(calls.length === 1 ? calls[0] : calls),
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ended]),
    })
    return read(response.status, response.headers, await response.text(), calls.length)
  } catch (error) {
    return { kind: 'failed', reason: reasonOf(error, timeoutMs) }
  }
}

function read(status: number, headers: Headers, text: string, count: number): Posted {
  if (status === 429) {
    const retryAfterMs = waitIn(headers.get('retry-after'))
    return { kind: 'limited', reason: 'too many requests (HTTP 429)', retryAfterMs }
  }
  const body = parsed(text)
  const isRpc = Array.isArray(body) || isAnswer(body)
  if (!isRpc) {
    if (status === 413 && count > 1) return { kind: 'noBatch' }
    if (status === 401 || status === 403) return { kind: 'refused', reason: `HTTP ${status}` }
    if (status >= 400) return { kind: 'failed', reason: `HTTP ${status}` }
    return { kind: 'failed', reason: `its answer is not JSON-RPC: ${excerpt(text)}` }
  }
  if (!Array.isArray(body)) {
    if (count > 1) return { kind: 'noBatch' }
    // Some leave the id out of errors, or write it as text.
    const id = body['id'] ?? 0
    if (id !== 0 && id !== '0')
      return { kind: 'failed', reason: 'its answer is to another request' }
    return { kind: 'answered', answers: [answerOf(body)] }
  }
  const byId = new Map(body.filter(isAnswer).map((each) => [each['id'], each] as const))
  const answers = Array.from({ length: count }, (_, id) => answerOf(byId.get(id)))
  return { kind: 'answered', answers }
}

export type Answer = Readonly<Record<string, unknown>>

function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && ('result' in value || 'error' in value)
}

/** What an answer of JSON-RPC says. */
export function answerOf(answer: Answer | undefined): RemoteAnswer {
  if (answer === undefined) return { kind: 'missing' }
  const { error, result } = answer
  if (error === undefined || error === null) return { kind: 'result', result: result as Json }
  if (typeof error !== 'object') {
    return { kind: 'error', error: { code: -32_000, message: excerpt(JSON.stringify(error)) } }
  }
  const { code, message, data } = error as Answer
  return {
    kind: 'error',
    error: {
      code: typeof code === 'number' ? code : -32_000,
      message: typeof message === 'string' ? message : 'an error without a message',
      data: data as Json | undefined,
    },
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `Retry-After`: seconds, or a date. */
function waitIn(header: string | null): number | undefined {
  if (header === null) return undefined
  const seconds = Number(header)
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}

function excerpt(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  if (line === '') return 'nothing'
  return line.length <= 60 ? line : `${line.slice(0, 57)}...`
}

/** Undici hides what happened in the error's cause. */
function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `no answer in ${timeoutMs / 1000} s`
  const { cause } = error
  if (!(cause instanceof Error)) return error.message
  const { code } = cause as { readonly code?: unknown }
  if (code === 'ECONNREFUSED') return 'nothing listens there (ECONNREFUSED)'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `its host name is not known (${code})`
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') return 'the connection was dropped'
  return cause.message || String(code)
}
