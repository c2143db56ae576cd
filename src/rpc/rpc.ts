import type { Backend, Json } from './backend.ts'
import { jsonOut } from './codec/encoder.ts'
import { type DispatchHooks, createDispatcher, wholeText } from './dispatch.ts'
import { invalidRequest } from './error.ts'
import { FilterStore } from './filter.ts'
import { type Context, type MethodTable, method } from './method.ts'
import { Metrics } from './metrics.ts'
import { openRpcDocument } from './openrpc.ts'
import { methodRegistry } from './registry.ts'
import { type Notification, Session } from './session.ts'
import { type Listening, type ServerOptions, openServer } from './transport/server.ts'

export interface RpcOptions extends DispatchHooks {
  /** Further methods, or others in the place of ours. */
  readonly methods?: readonly MethodTable[] | undefined
}

interface ServeOptions extends ServerOptions {
  /** Requests in one batch. */
  readonly maxBatch: number
}

/** EIP-1193 in process: requests, and what subscriptions push. */
interface Provider {
  /** @throws {RpcError} with `code`, `message` and `data` as the wire has them. */
  request(args: { readonly method: string; readonly params?: unknown }): Promise<Json>
  close(): void
}

/** EIP-1193's `message` event. */
interface ProviderMessage {
  readonly type: 'eth_subscription'
  readonly data: Notification
}

/** The room's entry: one backend, served in process and over sockets. */
export interface Rpc {
  /** @throws {RpcError} with `code`, `message` and `data` as the wire has them. No subscriptions: see `connect`. */
  request(args: { readonly method: string; readonly params?: unknown }): Promise<Json>
  /** An in-process client of its own, with subscriptions. */
  connect(onMessage: (message: ProviderMessage) => void): Provider
  /** The answer to a message as a socket would carry it; undefined when none is due. */
  handle(text: string): Promise<string | undefined>
  /** HTTP, WebSocket and IPC. @throws {Error} when it cannot listen. */
  serve(options: ServeOptions): Promise<Listening>
  /** Ends every server and forgets every filter. */
  close(): Promise<void>
}

const DEFAULT_MAX_BATCH = 1_000
/** V8's strings end at 2^29 characters. */
const MAX_RESPONSE = 2 ** 28

export function createRpc(backend: Backend, options: RpcOptions = {}): Rpc {
  const filters = new FilterStore(backend.events)
  const discover = method([], jsonOut, () => openRpcDocument(methods, backend.info().clientVersion))
  const methods = methodRegistry([{ rpc_discover: discover }, ...(options.methods ?? [])])
  const methodNames = [...methods.keys()]
  const bare: Context = { backend, filters, session: undefined, methodNames }
  const contextOf = (session: Session | undefined): Context =>
    session === undefined ? bare : { ...bare, session }
  const metrics = new Metrics(methods)
  const onRequest: DispatchHooks['onRequest'] = (record) => {
    metrics.count(record)
    options.onRequest?.(record)
  }
  const hooks = { ...options, onRequest }
  const dispatcherFor = (maxBatch: number) =>
    createDispatcher(methods, contextOf, { maxBatch, maxResponse: MAX_RESPONSE }, hooks)
  const dispatcher = dispatcherFor(DEFAULT_MAX_BATCH)
  const servers = new Set<Listening>()
  const sessions = new Set<Session>()

  return {
    request: async (args) => dispatcher.request(...readRequest(args), undefined),
    connect(onMessage) {
      const session = new Session(backend.events, (data) => {
        onMessage({ type: 'eth_subscription', data })
      })
      sessions.add(session)
      return {
        async request(args) {
          session.flush()
          const result = await dispatcher.request(...readRequest(args), session)
          // The caller sees the result first, then what its subscription had to say meanwhile.
          setImmediate(() => session.flush())
          return result
        },
        close() {
          session.close()
          sessions.delete(session)
        },
      }
    },
    async handle(text) {
      const answer = await dispatcher.handle(text, undefined)
      return answer && wholeText(answer)
    },
    async serve(config) {
      const server = await openServer(bare, dispatcherFor(config.maxBatch), {
        ...config,
        metrics: () => metrics.text(backend),
      })
      servers.add(server)
      return {
        host: server.host,
        port: server.port,
        async close() {
          servers.delete(server)
          await server.close()
        },
      }
    },
    async close() {
      for (const session of sessions) session.close()
      filters.close()
      const open = [...servers]
      servers.clear()
      await Promise.all(open.map((server) => server.close()))
    },
  }
}

/** In-process callers are typed, but JavaScript's are not. @throws {RpcError} -32600 */
function readRequest(args: {
  readonly method: string
  readonly params?: unknown
}): readonly [method: string, params: unknown] {
  if (typeof args?.method !== 'string') {
    throw invalidRequest('invalid request: expected an object with a method name')
  }
  return [args.method, args.params]
}
