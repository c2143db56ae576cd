import type { Backend, Json } from './backend.ts'
import type { Decoder, Schema } from './codec/decoder.ts'
import type { Encoder } from './codec/encoder.ts'
import { RpcError, CODE, invalidParams } from './error.ts'
import type { FilterStore } from './filter.ts'
import type { Session } from './session.ts'

/** What a method may use. */
export interface Context {
  readonly backend: Backend
  readonly filters: FilterStore
  /** Where the request came from, if something can be pushed there; undefined over HTTP. */
  readonly session: Session | undefined
  /** `eth_*`, `debug_*` and so on, for rpc_modules and did-you-mean. */
  readonly methodNames: readonly string[]
}

/** One parameter by its place; `optional` ones may be left out or null. */
export interface Param<T> {
  readonly name: string
  readonly schema: Schema
  readonly optional: boolean
  /** @throws {RpcError} -32602 that names the parameter. */
  read(value: unknown): T
}

/** A method as the dispatcher sees it: names and schemas for a document, and one function. */
export interface Method {
  readonly params: readonly Param<unknown>[]
  readonly result: Schema
  /** @throws {RpcError} on bad parameters and on what the chain refuses; anything else is a bug. */
  call(context: Context, args: readonly unknown[]): Json | Promise<Json>
  /** As `call`, with the JSON text of the answer, where there is a faster way to it. */
  readonly write?: (context: Context, args: readonly unknown[]) => string | Promise<string>
}

/** Methods of one namespace by their full names. */
export type MethodTable = Readonly<Record<string, Method>>

type Values<P extends readonly Param<unknown>[]> = {
  [K in keyof P]: P[K] extends Param<infer T> ? T : never
}

export function param<T>(name: string, decoder: Decoder<T>): Param<T> {
  return {
    name,
    schema: decoder.schema,
    optional: false,
    read(value) {
      if (value === undefined) throw invalidParams(`\`${name}\`: missing, it is required`)
      return decoder.decode(value, name)
    },
  }
}

/** A trailing parameter that may be left out, or null; then it is `fallback`. */
export function optional<T>(name: string, decoder: Decoder<T>, fallback: T): Param<T>
export function optional<T>(name: string, decoder: Decoder<T>): Param<T | undefined>
export function optional<T>(name: string, decoder: Decoder<T>, fallback?: T): Param<T | undefined> {
  return {
    name,
    schema: decoder.schema,
    optional: true,
    read: (value) =>
      value === undefined || value === null ? fallback : decoder.decode(value, name),
  }
}

/**
 * One entry of a table. The handler gets decoded values and returns a domain value; hex is made and read here only.
 *
 * @param params in order; optional ones last
 * @param result how the handler's value is written on the wire
 */
export function method<const P extends readonly Param<unknown>[], R>(
  params: P,
  result: Encoder<R>,
  handler: (context: Context, ...args: Values<P>) => R | Promise<R>,
): Method {
  const run = handler as (context: Context, ...args: unknown[]) => R | Promise<R>
  const call =
    <O>(encode: (value: R) => O) =>
    (context: Context, args: readonly unknown[]): O | Promise<O> => {
      const value = run(context, ...readArgs(params, args))
      return value instanceof Promise ? value.then(encode) : encode(value)
    }
  const { schema, text } = result
  return {
    params,
    result: schema,
    call: call((value) => result.encode(value)),
    ...(text !== undefined && { write: call(text) }),
  }
}

function readArgs(params: readonly Param<unknown>[], args: readonly unknown[]): unknown[] {
  if (args.length > params.length && args.slice(params.length).some((extra) => extra !== null)) {
    throw new RpcError(
      CODE.invalidParams,
      `too many arguments, want at most ${params.length}: got ${args.length}`,
    )
  }
  return params.map((one, index) => one.read(args[index]))
}
