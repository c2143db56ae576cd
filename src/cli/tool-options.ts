import { availableParallelism } from 'node:os'

import type { Engine } from '../evm/engine.ts'
import { DEFAULT_ENGINE, ENGINE_NAMES, type EngineName, loadEngine } from '../evm/load.ts'
import type { Executor } from '../executor/executor.ts'
import { createExecutor, poolFor } from '../executor/executors.ts'
import { EXECUTOR_NAMES, type ExecutorName } from '../executor/names.ts'

/** The command lines of the tools: options with one value each, anywhere among the paths. */

/** Says what is wrong with an option's value; undefined when nothing is. */
export type ValueCheck = (value: string) => string | undefined

export type ToolRequest =
  | { readonly kind: 'run'; readonly values: OptionValues; readonly paths: readonly string[] }
  | { readonly kind: 'help' }
  | { readonly kind: 'bad'; readonly problem: string }

/** All values of each option that was given, in order. */
export type OptionValues = ReadonlyMap<string, readonly string[]>

/**
 * Reads what follows a tool's name: `--name value`, `--name=value`, paths, and `--` before paths that look like options.
 * @param checks the options that the tool knows, with their dashes
 */
export function parseToolOptions(
  argv: readonly string[],
  checks: Readonly<Record<string, ValueCheck>>,
): ToolRequest {
  const values = new Map<string, string[]>()
  const paths: string[] = []
  const rest = [...argv]
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '-h' || arg === '--help') return { kind: 'help' }
    if (arg === '--') {
      paths.push(...rest)
      break
    }
    if (!arg.startsWith('-') || arg === '-') {
      paths.push(arg)
      continue
    }
    const equals = arg.indexOf('=')
    const name = equals < 0 ? arg : arg.slice(0, equals)
    if (!Object.hasOwn(checks, name)) return { kind: 'bad', problem: `unknown option ${name}` }
    const value = equals < 0 ? rest.shift() : arg.slice(equals + 1)
    if (value === undefined || value === '') {
      return { kind: 'bad', problem: `${name}: a value is missing` }
    }
    const problem = checks[name]!(value)
    if (problem !== undefined) return { kind: 'bad', problem: `${name}: ${problem}` }
    values.set(name, [...(values.get(name) ?? []), value])
  }
  if (paths.length === 0) return { kind: 'bad', problem: 'no file named' }
  return { kind: 'run', values, paths }
}

/** The value that was given last. */
export function lastValue(values: OptionValues, name: string): string | undefined {
  return values.get(name)?.at(-1)
}

/** Any text. */
export const anyValue: ValueCheck = () => undefined

/** `--engine`. */
export const engineValue: ValueCheck = (value) => {
  if (isEngineName(value)) return undefined
  return `expected ${ENGINE_NAMES.join(' or ')}, got ${value}`
}

/** The engine that was asked for. */
export function engineOf(values: OptionValues): Promise<Engine> {
  const name = lastValue(values, '--engine')
  return loadEngine(name !== undefined && isEngineName(name) ? name : DEFAULT_ENGINE)
}

function isEngineName(text: string): text is EngineName {
  return (ENGINE_NAMES as readonly string[]).includes(text)
}

/** `--executor`. */
export const executorValue: ValueCheck = (value) =>
  isExecutorName(value) ? undefined : `expected one of ${EXECUTOR_NAMES.join(', ')}, got ${value}`

function isExecutorName(text: string): text is ExecutorName {
  return (EXECUTOR_NAMES as readonly string[]).includes(text)
}

/** An executor and the threads that it runs on. */
export interface OpenedExecutor {
  readonly executor: Executor
  close(): Promise<void>
}

/** The executor that was asked for. A tool leaves nothing to serial execution but what cannot run in parallel. */
export function executorOf(values: OptionValues, engine: Engine): OpenedExecutor {
  const name = lastValue(values, '--executor')
  const wanted = lastValue(values, '--workers') ?? 'auto'
  const choice = {
    executor: name !== undefined && isExecutorName(name) ? name : 'serial',
    workers: wanted === 'auto' ? availableParallelism() : Number(wanted),
    forceParallel: true,
  }
  const pool = poolFor(choice, new URL('../executor/lane/worker.js', import.meta.url))
  return { executor: createExecutor(choice, engine, pool), close: () => pool.close() }
}

/** A whole number from 1 to `most`. */
export function countValue(most: number): ValueCheck {
  return (value) => {
    const isCount = /^[0-9]{1,9}$/.test(value) && Number(value) >= 1 && Number(value) <= most
    return isCount ? undefined : `expected a number from 1 to ${most}, got ${value}`
  }
}

/** `--workers`: a number, or `auto` for one a processor. */
export const workersValue: ValueCheck = (value) =>
  value === 'auto' ? undefined : countValue(MAX_WORKERS)(value)

const MAX_WORKERS = 256
