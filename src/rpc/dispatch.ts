import { holdsPieces, toPieces } from '../primitives/json-pieces.ts'
import type { Json } from './backend.ts'
import {
  CODE,
  RpcError,
  internalError,
  invalidParams,
  invalidRequest,
  methodNotFound,
  preview,
} from './error.ts'
import type { Context, Method } from './method.ts'
import type { Session } from './session.ts'

/** One request that was answered, for logs and metrics. */
export interface RequestRecord {
  readonly method: string
  /** Wall time, in milliseconds. */
  readonly ms: number
  readonly error: RpcError | undefined
}

export interface DispatchHooks {
  /** After each request. */
  readonly onRequest?: ((record: RequestRecord) => void) | undefined
  /**
   * Asked before each method: another node may know the answer. undefined, now or later, lets the method answer.
   * @param local runs the method with other parameters
   */
  readonly elsewhere?:
    | ((
        method: string,
        args: readonly unknown[],
        local: (args: readonly unknown[]) => Json | Promise<Json>,
      ) => Promise<Json | undefined> | undefined)
    | undefined
  /** Of what a method threw: what to wait for before it is run again; undefined when that is its answer. */
  readonly readyAfter?: ((error: unknown, method: string) => Promise<void> | undefined) | undefined
  /** The answer for what a method threw that is no `RpcError`, and no bug either; undefined when it is one. */
  readonly errorOf?: ((error: unknown) => RpcError | undefined) | undefined
  /** A bug of ours: what a method threw that is no answer. */
  readonly onBug?: ((error: unknown, method: string) => void) | undefined
}

export interface DispatchLimits {
  /** Requests in one batch. */
  readonly maxBatch: number
  /** Characters in one answer, batches counted as a whole. */
  readonly maxResponse: number
}

/** The text of an answer, whole or in pieces that would be too much together. */
export type Answer = string | readonly string[]

/** The whole text. */
export function wholeText(answer: Answer): string {
  return typeof answer === 'string' ? answer : answer.join('')
}

/** Turns requests into answers; knows nothing of sockets. */
export interface Dispatcher {
  /** @throws {RpcError} always with the code and message of the wire. */
  request(method: string, params: unknown, session: Session | undefined): Promise<Json>
  /** The answer to a message of the wire; undefined when none is due (notifications). Never rejects. */
  handle(
    text: string,
    session: Session | undefined,
  ): Answer | undefined | Promise<Answer | undefined>
}

/** A batch's requests run side by side, this many at a time. */
const BATCH_LANES = 64

/**
 * @param contextOf what methods use, for the session a request came on
 */
export function createDispatcher(
  methods: ReadonlyMap<string, Method>,
  contextOf: (session: Session | undefined) => Context,
  limits: DispatchLimits,
  hooks: DispatchHooks,
): Dispatcher {
  async function request(
    name: string,
    params: unknown,
    session: Session | undefined,
  ): Promise<Json> {
    return timed(name, (found) => {
      const context = contextOf(session)
      const args = argumentsOf(params)
      const other = elsewhere(name, found, context, args)
      const result =
        other === undefined
          ? found.call(context, args)
          : other.then((json) => (json === undefined ? found.call(context, args) : json))
      return result instanceof Promise ? result.then(plain) : plain(result)
    })
  }

  /** The JSON of the result. */
  function written(
    name: string,
    params: unknown,
    session: Session | undefined,
  ): Answer | Promise<Answer> {
    return timed<Answer>(name, (found) => {
      const context = contextOf(session)
      const args = argumentsOf(params)
      const other = elsewhere(name, found, context, args)
      if (other === undefined) return here(found, context, args)
      return other.then((json) => (json === undefined ? here(found, context, args) : textOf(json)))
    })
  }

  function elsewhere(name: string, found: Method, context: Context, args: readonly unknown[]) {
    return hooks.elsewhere?.(name, args, (others) => found.call(context, others))
  }

  function here(found: Method, context: Context, args: readonly unknown[]) {
    if (found.write !== undefined) return found.write(context, args)
    const result = found.call(context, args)
    return result instanceof Promise ? result.then(textOf) : textOf(result)
  }

  function textOf(result: Json): Answer {
    try {
      if (holdsPieces(result)) return toPieces(result)
      return JSON.stringify(result)
    } catch (error) {
      if (error instanceof RangeError) throw responseTooLarge(limits.maxResponse)
      throw error
    }
  }

  /** Most methods answer at once: a promise for each would cost more than many of them. */
  function timed<T>(name: string, run: (found: Method) => T | Promise<T>): T | Promise<T> {
    const begin = hooks.onRequest && performance.now()
    const end = (error: RpcError | undefined): void => {
      if (begin !== undefined) {
        hooks.onRequest?.({ method: name, ms: performance.now() - begin, error })
      }
    }
    const conclude = (error: unknown): never => {
      const failure = error instanceof RpcError ? error : bug(error, name)
      end(failure)
      throw failure
    }
    const fail = (error: unknown): Promise<T> => {
      const ready = hooks.readyAfter?.(error, name)
      return ready === undefined ? conclude(error) : ready.then(() => timed(name, run), conclude)
    }
    let result: T | Promise<T>
    try {
      const found = methods.get(name)
      if (found === undefined) throw methodNotFound(name, methods.keys())
      result = run(found)
    } catch (error) {
      return fail(error)
    }
    if (result instanceof Promise) {
      return result.then((value) => {
        end(undefined)
        return value
      }, fail)
    }
    end(undefined)
    return result
  }

  function bug(error: unknown, name: string): RpcError {
    const known = hooks.errorOf?.(error)
    if (known !== undefined) return known
    hooks.onBug?.(error, name)
    return internalError(error)
  }

  function answer(
    entry: unknown,
    session: Session | undefined,
  ): Answer | undefined | Promise<Answer | undefined> {
    const call = readCall(entry)
    if (call instanceof Invalid) return errorText(call.id, call.error)
    const { id, method, params } = call
    const succeed = (text: Answer): Answer | undefined =>
      id === undefined ? undefined : resultText(id, text, limits.maxResponse)
    const fail = (error: unknown): string | undefined =>
      id === undefined
        ? undefined
        : errorText(id, error instanceof RpcError ? error : bug(error, method))
    const finish = (text: Answer): Answer | undefined => {
      try {
        return succeed(text)
      } catch (error) {
        return fail(error)
      }
    }
    try {
      const text = written(method, params, session)
      return text instanceof Promise ? text.then(finish, fail) : succeed(text)
    } catch (error) {
      return fail(error)
    }
  }

  async function answerBatch(entries: readonly unknown[], session: Session | undefined) {
    if (entries.length === 0) return errorText(null, invalidRequest('empty batch'))
    if (entries.length > limits.maxBatch) {
      const message = `batch too large: ${entries.length} requests, this node takes ${limits.maxBatch} (--max-batch)`
      return errorText(null, invalidRequest(message))
    }
    const answers: (string | undefined)[] = Array.from({ length: entries.length })
    let next = 0
    let length = 0
    async function lane(): Promise<void> {
      while (next < entries.length) {
        const place = next++
        if (length > limits.maxResponse) {
          answers[place] = tooLarge(entries[place], limits.maxResponse)
        } else {
          const answered = answer(entries[place], session)
          const whole = answered instanceof Promise ? await answered : answered
          const text = whole && wholeText(whole)
          length += text?.length ?? 0
          answers[place] =
            length > limits.maxResponse ? tooLarge(entries[place], limits.maxResponse) : text
        }
      }
    }
    await Promise.all(Array.from({ length: Math.min(BATCH_LANES, entries.length) }, lane))
    const due = answers.filter((text) => text !== undefined)
    return due.length === 0 ? undefined : `[${due.join(',')}]`
  }

  return {
    request,
    handle(text, session) {
      let message: unknown
      try {
        message = JSON.parse(text)
      } catch (error) {
        return errorText(null, parseError(error))
      }
      return Array.isArray(message) ? answerBatch(message, session) : answer(message, session)
    },
  }
}

type Id = string | number | null

interface Call {
  /** undefined for a notification: it is carried out, and not answered. */
  readonly id: Id | undefined
  readonly method: string
  readonly params: unknown
}

class Invalid {
  readonly id: Id
  readonly error: RpcError

  constructor(id: Id, message: string) {
    this.id = id
    this.error = invalidRequest(`invalid request: ${message}`)
  }
}

function readCall(entry: unknown): Call | Invalid {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    return new Invalid(null, `expected an object, got ${preview(entry)}`)
  }
  const { jsonrpc, id, method, params } = entry as Readonly<Record<string, unknown>>
  if (id !== undefined && id !== null && typeof id !== 'string' && typeof id !== 'number') {
    return new Invalid(null, `\`id\`: expected a string, a number or null, got ${preview(id)}`)
  }
  if (jsonrpc !== '2.0') {
    return new Invalid(id ?? null, `\`jsonrpc\`: expected "2.0", got ${preview(jsonrpc)}`)
  }
  if (typeof method !== 'string') {
    return new Invalid(id ?? null, `\`method\`: expected a string, got ${preview(method)}`)
  }
  return { id, method, params }
}

/** A list; one value alone stands for a list of it, as Anvil takes it. */
function argumentsOf(params: unknown): readonly unknown[] {
  if (params === undefined || params === null) return []
  if (Array.isArray(params)) return params
  if (typeof params === 'object')
    throw invalidParams('expected a list of parameters, got an object')
  return [params]
}

function resultText(id: Id, text: Answer, maxResponse: number): Answer {
  const length = typeof text === 'string' ? text.length : lengthOf(text)
  if (length > maxResponse) throw responseTooLarge(maxResponse)
  if (typeof text !== 'string') {
    return [`{"jsonrpc":"2.0","id":${idText(id)},"result":`, ...text, '}']
  }
  return `{"jsonrpc":"2.0","id":${idText(id)},"result":${text}}`
}

/** Numbers come from JSON, and are written as they are there. */
function idText(id: Id): string {
  return typeof id === 'number' ? String(id) : JSON.stringify(id)
}

/** For callers in this process: values alone. */
function plain(result: Json): Json {
  return holdsPieces(result) ? (JSON.parse(JSON.stringify(result)) as Json) : result
}

function lengthOf(pieces: readonly string[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0)
}

/** The text of an error answer. */
export function errorText(id: Id, { code, message, data }: RpcError): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, data } })
}

function tooLarge(entry: unknown, maxResponse: number): string | undefined {
  const call = readCall(entry)
  if (call.id === undefined) return undefined
  return errorText(call.id, responseTooLarge(maxResponse))
}

function responseTooLarge(maxResponse: number): RpcError {
  const message = `response too large: over ${maxResponse} characters; ask for less at a time`
  return new RpcError(CODE.limitExceeded, message)
}

function parseError(error: unknown): RpcError {
  const reason = error instanceof Error ? error.message.slice(0, 200) : 'not JSON'
  return new RpcError(CODE.parse, `parse error: ${reason}`)
}
