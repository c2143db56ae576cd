import packaged from '@jitl/quickjs-wasmfile-release-sync'
import {
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSSyncVariant,
  newQuickJSWASMModuleFromVariant,
  newVariant,
} from 'quickjs-emscripten-core'
import { readWasm } from '../../primitives/wasm-file.ts'
import { PRELUDE } from './prelude.ts'

/** What a function of the host takes from the sandbox, and gives it. */
type Passed = string | number | boolean | Uint8Array
export type HostFunctions = Readonly<Record<string, (...args: never[]) => Passed>>

export interface SandboxOptions {
  /** An expression whose value is the tracer. */
  readonly code: string
  /** JSON, which the tracer's `setup` gets as text. */
  readonly config: string
  /** By opcode. */
  readonly opcodeNames: readonly string[]
  /** A library's text, to be run first. */
  readonly library: string
  readonly deadlineMs: number
}

/** What the tracer was told to do, or did, ends the trace. The message is for the one who wrote it. */
export class ScriptFailure extends Error {
  override readonly name = 'ScriptFailure'
}

const MEMORY_BYTES = 128 * 2 ** 20
/** More would let the machine below run out of its own first. */
const STACK_BYTES = 128 * 1024
const MAX_RESULT = 32 * 2 ** 20

// Its types are those of its CommonJS form, where the variant is one level deeper.
const variant = packaged as unknown as QuickJSSyncVariant

let compiled: Promise<WebAssembly.Module> | undefined

/**
 * A tracer in JavaScript in an interpreter of its own (QuickJS, in WebAssembly): it sees what it is given and nothing else, and its memory,
 * stack and time have limits. One trace each; drop it after a failure.
 */
export class Sandbox {
  readonly #context: QuickJSContext
  readonly #deadlineMs: number
  readonly #calls = new Map<string, QuickJSHandle>()
  readonly hasStep: boolean
  readonly hasEnter: boolean

  /** @throws {ScriptFailure} when the code is no tracer */
  static async open(options: SandboxOptions, host: HostFunctions): Promise<Sandbox> {
    compiled ??= WebAssembly.compile(readWasm('quickjs'))
    const wasmModule = await compiled
    const quick = await newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmModule }))
    const runtime = quick.newRuntime()
    runtime.setMemoryLimit(MEMORY_BYTES)
    runtime.setMaxStackSize(STACK_BYTES)
    runtime.setInterruptHandler(() => Date.now() > options.deadlineMs)
    return new Sandbox(runtime.newContext(), options, host)
  }

  private constructor(context: QuickJSContext, options: SandboxOptions, host: HostFunctions) {
    this.#context = context
    this.#deadlineMs = options.deadlineMs
    this.#evaluate(options.library, 'library').dispose()
    const functions = context.newObject()
    for (const [name, run] of Object.entries(host)) {
      context.setProp(functions, name, this.#hostFunction(name, run))
    }
    const settings = JSON.stringify({ config: options.config, names: options.opcodeNames })
    const tracer = this.#call('tracer', this.#evaluate(PRELUDE, 'prelude'), [
      functions,
      context.newString(options.code),
      context.newString(settings),
    ])
    for (const name of ['setup', 'step', 'fault', 'enter', 'exit', 'result']) {
      this.#calls.set(name, context.getProp(tracer, name))
    }
    this.hasStep = context.dump(context.getProp(tracer, 'hasStep')) === true
    this.hasEnter = context.dump(context.getProp(tracer, 'hasEnter')) === true
    this.#run('setup')
  }

  /** @param numbers of the step, as the prelude unpacks them @throws {ScriptFailure} */
  step(numbers: readonly number[], error: string | undefined): void {
    this.#tell('step', numbers, error)
  }

  /** @throws {ScriptFailure} */
  fault(numbers: readonly number[], error: string): void {
    this.#tell('fault', numbers, error)
  }

  /** @param frame its type, gas and whether it has a value @throws {ScriptFailure} */
  enter(frame: object): void {
    this.#run('enter', JSON.stringify(frame))
  }

  /** @param left gas used and the error, if any @throws {ScriptFailure} */
  exit(left: object): void {
    this.#run('exit', JSON.stringify(left))
  }

  /** JSON. @throws {ScriptFailure} */
  result(context: object): string {
    const handle = this.#call('result', this.#calls.get('result')!, [
      this.#context.newString(JSON.stringify(context)),
    ])
    if (this.#context.getLength(handle)! > MAX_RESULT) {
      throw new ScriptFailure(`the tracer's result is longer than ${MAX_RESULT / 2 ** 20} MiB`)
    }
    return this.#context.getString(handle)
  }

  #tell(name: string, numbers: readonly number[], error: string | undefined): void {
    const args = numbers.map((number) => this.#context.newNumber(number))
    if (error !== undefined) args.push(this.#context.newString(error))
    this.#call(name, this.#calls.get(name)!, args).dispose()
    for (const argument of args) argument.dispose()
  }

  #run(name: string, text?: string): void {
    const args = text === undefined ? [] : [this.#context.newString(text)]
    this.#call(name, this.#calls.get(name)!, args).dispose()
    for (const argument of args) argument.dispose()
  }

  #evaluate(text: string, name: string): QuickJSHandle {
    return this.#guard(name, () => this.#context.evalCode(text, `${name}.js`))
  }

  #call(name: string, callee: QuickJSHandle, args: QuickJSHandle[]): QuickJSHandle {
    return this.#guard(name, () =>
      this.#context.callFunction(callee, this.#context.undefined, args),
    )
  }

  #guard(name: string, run: () => ReturnType<QuickJSContext['callFunction']>): QuickJSHandle {
    let result: ReturnType<QuickJSContext['callFunction']>
    try {
      result = run()
    } catch (error) {
      // The interpreter itself had no more stack.
      if (error instanceof RangeError) throw failureOf(name, 'InternalError: stack overflow')
      throw error
    }
    if (result.error === undefined) return result.value
    if (Date.now() > this.#deadlineMs) throw new ScriptFailure('execution timeout')
    throw failureOf(name, textOf(this.#context.dump(result.error)))
  }

  #hostFunction(name: string, run: (...args: never[]) => Passed): QuickJSHandle {
    const context = this.#context
    return context.newFunction(name, (...handles) => {
      const args = handles.map((handle): unknown => context.dump(handle))
      const value = run(...(args as never[]))
      if (typeof value === 'string') return context.newString(value)
      if (typeof value === 'number') return context.newNumber(value)
      if (typeof value === 'boolean') return value ? context.true : context.false
      return context.newArrayBuffer(new Uint8Array(value).buffer)
    })
  }
}

function failureOf(name: string, text: string): ScriptFailure {
  if (name === 'tracer') return new ScriptFailure(text)
  return new ScriptFailure(`${text} in server-side tracer function '${name}'`)
}

/** An exception as its author would print it. */
function textOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return String(thrown)
  const { name, message, stack } = thrown as Partial<Error>
  if (message === undefined) return JSON.stringify(thrown)
  const line = /eval\.js:(\d+)|<input>:(\d+)/.exec(stack ?? '')
  const where = line === null ? '' : ` (line ${line[1] ?? line[2]})`
  return `${name ?? 'Error'}: ${message}${where}`
}
