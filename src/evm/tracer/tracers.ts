import { createCallTracer } from './call-tracer.ts'
import { combineObservers } from './combine.ts'
import { createErc7562Tracer } from './erc7562-tracer.ts'
import { createFlatCallTracer } from './flat-call-tracer.ts'
import { createFourByteTracer } from './four-byte-tracer.ts'
import { createNoopTracer } from './noop-tracer.ts'
import { createOpcodeGasTracer } from './opcode-gas-tracer.ts'
import { createParityTracer } from './parity-tracer.ts'
import { createPrestateTracer } from './prestate-tracer.ts'
import { createStructLogger } from './struct-logger.ts'
import type { TraceContext, Tracer } from './tracer.ts'

/** What debug_trace* asks for, as it came: the names of Geth's options. */
export interface TracerOptions {
  /** undefined: the struct logger, which also reads the options below `tracerConfig`. */
  readonly tracer?: string | undefined
  readonly tracerConfig?: Readonly<Record<string, unknown>> | undefined
  readonly disableStorage?: boolean | undefined
  readonly disableStack?: boolean | undefined
  readonly enableMemory?: boolean | undefined
  readonly enableReturnData?: boolean | undefined
  /** In bytes of JSON. */
  readonly limit?: number | undefined
}

export type CreatedTracer =
  | ({ readonly kind: 'tracer' } & Tracer)
  | { readonly kind: 'unknownTracer'; readonly known: readonly string[] }
  | { readonly kind: 'invalidConfig'; readonly detail: string }

type Refused = Exclude<CreatedTracer, { readonly kind: 'tracer' }>
type Config = Readonly<Record<string, unknown>>

const MAKERS: Readonly<
  Record<string, (config: Config, context: TraceContext) => Tracer | Refused>
> = {
  '4byteTracer': (_config, context) => createFourByteTracer(context),
  callTracer: (config, context) =>
    withFlags(config, ['onlyTopCall', 'withLog'], (has) =>
      createCallTracer({ onlyTopCall: has('onlyTopCall'), withLog: has('withLog') }, context),
    ),
  erc7562Tracer: (config, context) => {
    const { ignoredOpcodes, stackTopItemsSize, withLog } = config
    if (typeof (withLog ?? false) !== 'boolean') return invalid('withLog must be a boolean')
    // Of the stack only what is asked for is looked at.
    if (typeof (stackTopItemsSize ?? 0) !== 'number') {
      return invalid('stackTopItemsSize must be a number')
    }
    const ignored = opcodesIn(ignoredOpcodes)
    if (ignored === 'bad') return invalid('ignoredOpcodes must be a list of opcodes such as 0x54')
    return createErc7562Tracer({ withLog: withLog === true, ignoredOpcodes: ignored }, context)
  },
  flatCallTracer: (config, context) =>
    withFlags(config, ['convertParityErrors', 'includePrecompiles'], (has) => {
      const convertParityErrors = has('convertParityErrors')
      const includePrecompiles = has('includePrecompiles')
      return createFlatCallTracer({ convertParityErrors, includePrecompiles }, context)
    }),
  muxTracer: createMuxTracer,
  noopTracer: createNoopTracer,
  opcodeGasTracer: createOpcodeGasTracer,
  parityTracer: (config, context) =>
    withFlags(config, ['trace', 'vmTrace', 'stateDiff'], (has) => {
      const wanted = { trace: has('trace'), vmTrace: has('vmTrace'), stateDiff: has('stateDiff') }
      return createParityTracer(wanted, context)
    }),
  prestateTracer: (config, context) =>
    withFlags(config, ['diffMode', 'disableCode', 'disableStorage', 'includeEmpty'], (has) => {
      const diffMode = has('diffMode')
      const includeEmpty = has('includeEmpty')
      if (diffMode && includeEmpty) return invalid('diffMode cannot be used with includeEmpty')
      const disableCode = has('disableCode')
      const disableStorage = has('disableStorage')
      return createPrestateTracer({ diffMode, disableCode, disableStorage, includeEmpty }, context)
    }),
}

/** The names that `createTracer` knows; the struct logger has none, as in Geth. */
export const TRACER_NAMES: readonly string[] = Object.keys(MAKERS)

/**
 * A tracer for one transaction, by name: those in JavaScript are `script/`'s.
 * `unknownTracer` names those there are; `invalidConfig` says which option is not a boolean.
 */
export function createTracer(options: TracerOptions, context: TraceContext): CreatedTracer {
  const { tracer: name } = options
  if (name === undefined || name === '') {
    const { disableStack = false, disableStorage = false, limit = 0 } = options
    const { enableMemory = false, enableReturnData = false } = options
    const config = { disableStack, disableStorage, enableMemory, enableReturnData, limit }
    return { kind: 'tracer', ...createStructLogger(config, context) }
  }
  return createNamed(name, options.tracerConfig ?? {}, context)
}

function createNamed(name: string, config: Config, context: TraceContext): CreatedTracer {
  const make = Object.hasOwn(MAKERS, name) ? MAKERS[name] : undefined
  if (make === undefined) return { kind: 'unknownTracer', known: TRACER_NAMES }
  const made = make(config, context)
  return 'kind' in made ? made : { kind: 'tracer', ...made }
}

/** Geth's `muxTracer`: its configuration's keys name tracers, each with its own configuration. */
function createMuxTracer(config: Config, context: TraceContext): Tracer | Refused {
  const tracers: [string, Tracer][] = []
  for (const [name, inner] of Object.entries(config)) {
    if (!isRecord(inner) && inner !== null) return invalid(`${name} must be an object`)
    const made = createNamed(name, inner ?? {}, context)
    if (made.kind !== 'tracer') return made
    tracers.push([name, made])
  }
  return {
    observer: combineObservers(tracers.map(([, { observer }]) => observer)),
    result: (outcome) =>
      Object.fromEntries(tracers.map(([name, tracer]) => [name, tracer.result(outcome)])),
  }
}

/** Makes a tracer from a configuration whose `names` are booleans, false when absent. */
function withFlags<Name extends string>(
  config: Config,
  names: readonly Name[],
  make: (has: (name: Name) => boolean) => Tracer | Refused,
): Tracer | Refused {
  const wrong = names.find((name) => typeof (config[name] ?? false) !== 'boolean')
  if (wrong !== undefined) return invalid(`${wrong} must be a boolean`)
  return make((name) => config[name] === true)
}

/** A list of numbers, or of hex. */
function opcodesIn(list: unknown): ReadonlySet<number> | undefined | 'bad' {
  if (list === undefined || list === null) return undefined
  if (!Array.isArray(list)) return 'bad'
  const opcodes = list.map((each) =>
    typeof each === 'string' && /^0x[0-9a-fA-F]{1,2}$/.test(each)
      ? Number(each)
      : (each as unknown),
  )
  const isByte = (each: unknown): each is number =>
    Number.isInteger(each) && Number(each) >= 0 && Number(each) <= 0xff
  return opcodes.every(isByte) ? new Set(opcodes) : 'bad'
}

function invalid(detail: string): Refused {
  return { kind: 'invalidConfig', detail: `tracerConfig: ${detail}` }
}

function isRecord(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
