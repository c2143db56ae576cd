import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a faulty remote does with one HTTP request instead of answering it. */
type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Record<string, string> }
  | { readonly kind: 'body'; readonly body: string }
  | { readonly kind: 'drop' }
  | { readonly kind: 'slow'; readonly ms: number }
  /** An error of JSON-RPC for each request in it. */
  | { readonly kind: 'error'; readonly code: number; readonly message: string }

interface Call {
  readonly method: string
  readonly params: readonly unknown[]
  readonly id: number
}

/** A server before a node, or with answers of its own, that does as it is told. */
export interface FaultyRemote extends AsyncDisposable {
  readonly url: string
  /** The faults of the next HTTP requests, one each; then all is well. */
  fail(...faults: readonly Fault[]): void
  /** Every HTTP request from now on fails so; undefined ends that. */
  failAlways(fault: Fault | undefined): void
  /** Answers to calls that the node is not asked for. */
  answer(method: string, answer: (call: Call) => unknown): void
  /** What was asked, by HTTP request. */
  readonly asked: (readonly Call[])[]
  readonly headers: IncomingMessage['headers'][]
}

/** @param target the node that answers when there is no fault, as `request` of EIP-1193 or a URL */
export async function faultyRemote(
  target?: string | ((method: string, params: readonly unknown[]) => Promise<unknown>),
): Promise<FaultyRemote> {
  const queue: Fault[] = []
  let always: Fault | undefined
  const own = new Map<string, (call: Call) => unknown>()
  const asked: (readonly Call[])[] = []
  const headers: IncomingMessage['headers'][] = []
  const resolve = async (call: Call): Promise<object> => {
    const { id, method, params } = call
    try {
      const answer = own.get(method)
      const result = answer === undefined ? await passOn(method, params) : answer(call)
      return { jsonrpc: '2.0', id, result }
    } catch (error) {
      const { code = -32_000, message } = error as { code?: number; message: string }
      return { jsonrpc: '2.0', id, error: { code, message } }
    }
  }
  const passOn = async (method: string, params: readonly unknown[]): Promise<unknown> => {
    if (typeof target === 'function') return target(method, params)
    if (target === undefined) throw new Error(`nothing answers ${method}`)
    const response = await fetch(target, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    const { result, error } = (await response.json()) as { result?: unknown; error?: Error }
    if (error !== undefined) throw error
    return result
  }
  const server = createServer((request, response) => {
    void bodyOf(request).then(async (text) => {
      const body = JSON.parse(text) as Call | readonly Call[]
      const calls = Array.isArray(body) ? (body as readonly Call[]) : [body as Call]
      asked.push(calls)
      headers.push(request.headers)
      const fault = queue.shift() ?? always
      if (fault !== undefined && (await spoil(fault, calls, response))) return
      const answers = await Promise.all(calls.map(resolve))
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(Array.isArray(body) ? answers : answers[0]))
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fail: (...faults) => void queue.push(...faults),
    failAlways: (fault) => void (always = fault),
    answer: (method, answer) => void own.set(method, answer),
    asked,
    headers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

/** @returns whether the request is answered by this */
async function spoil(
  fault: Fault,
  calls: readonly Call[],
  response: ServerResponse,
): Promise<boolean> {
  switch (fault.kind) {
    case 'status':
      response.writeHead(fault.status, fault.headers).end('no')
      return true
    case 'body':
      response.end(fault.body)
      return true
    case 'drop':
      response.destroy()
      return true
    case 'slow':
      await new Promise((done) => setTimeout(done, fault.ms))
      return false
    case 'error': {
      const { code, message } = fault
      const answers = calls.map(({ id }) => ({ jsonrpc: '2.0', id, error: { code, message } }))
      response.end(JSON.stringify(answers.length === 1 ? answers[0] : answers))
      return true
    }
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}
