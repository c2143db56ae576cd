import { create2Address, createAddress } from '../../model/create-address.ts'
import { effectiveGasPrice } from '../../model/fees.ts'
import { EMPTY_BYTES, bigIntToFixedBytes } from '../../primitives/bytes.ts'
import { type Address, type Slot, hexToBytes } from '../../primitives/hex.ts'
import { Overlay } from '../../state/overlay.ts'
import type { StateView } from '../../state/view.ts'
import { pricesOf } from '../admission.ts'
import type { BlockEnv, Engine } from '../engine.ts'
import type { FrameEnd, FrameStart, Observer, Step } from '../observer.ts'
import { errorWords } from '../tracer/frame-tree.ts'
import { opcodeName } from '../tracer/opcode-names.ts'
import { isPrecompile } from '../tracer/precompiles.ts'
import type { ExecutedOutcome } from '../tracer/tracer.ts'
import { LiveState } from './live-state.ts'
import type { ScriptJob } from './protocol.ts'
import { type HostFunctions, Sandbox, ScriptFailure } from './sandbox.ts'

/** Beyond its end memory reads as zeros, so far. */
const MAX_PADDING = 2 ** 20
/** Steps between two looks at the clock, for tracers that hardly do anything. */
const CLOCK_STEPS = 1_000
const OPCODE_NAMES: readonly string[] = Array.from({ length: 256 }, (_, code) => opcodeName(code))

/** A frame as `log.contract` shows it. */
interface OpenFrame {
  readonly caller: Address
  readonly address: Address
  readonly valueWei: bigint
  readonly callData: Uint8Array
  last: Step | undefined
  /** The last step was told with its error: there is no fault besides. */
  isTold: boolean
}

/**
 * Runs a transaction under a tracer in JavaScript with Geth's interface (geth.ethereum.org, "Custom EVM tracer").
 * @param library the text of big-integer, as `bigInt` in the sandbox @param view the state before the transaction
 * @returns what `result` gave, as JSON @throws {ScriptFailure}
 */
export async function traceWithScript(
  job: ScriptJob,
  library: string,
  engine: Engine,
  env: BlockEnv,
  view: StateView,
): Promise<string> {
  const script = new Script(job, env, view)
  const options = { library, opcodeNames: OPCODE_NAMES, ...job }
  const deadlineMs = Date.now() + job.timeoutMs
  const sandbox = await Sandbox.open({ ...options, deadlineMs }, script.host)
  const { switches } = job
  const observer = script.observer(sandbox, deadlineMs)
  const outcome = await engine.transact(job.transaction, env, view, { switches, observer })
  if (outcome.kind === 'rejected') throw new Error('bug: what was traced ran before')
  return script.result(sandbox, outcome)
}

class Script {
  readonly #job: ScriptJob
  readonly #env: BlockEnv
  readonly #view: StateView
  readonly #live: LiveState
  readonly #open: OpenFrame[] = []
  #state: Pick<StateView, 'account' | 'slot' | 'code'>
  #root: FrameStart | undefined
  #outermost: FrameEnd | undefined
  #entered: FrameStart | undefined
  #left: FrameEnd | undefined
  #output: Uint8Array = EMPTY_BYTES

  constructor(job: ScriptJob, env: BlockEnv, view: StateView) {
    this.#job = job
    this.#env = env
    this.#view = view
    this.#live = new LiveState(view, job.transaction, env, job.switches)
    this.#state = this.#live
  }

  /** What the sandbox asks. */
  readonly host: HostFunctions = {
    peek: (index: number) => {
      const { stack } = this.#step
      const item = Number.isInteger(index) && index >= 0 ? stack.at(-1 - index) : undefined
      if (item !== undefined) return item.toString(16)
      const wanted = `size ${stack.length}, index ${index}`
      throw new RangeError(`tracer accessed out of bound stack: ${wanted}`)
    },
    memoryLength: () => this.#step.memory.length,
    memory: (start: number, end: number) => sliceOf(this.#step.memory, start, end),
    word: (offset: number) => {
      const { memory } = this.#step
      if (!(offset >= 0 && offset + 32 <= memory.length)) {
        const wanted = `available ${memory.length}, offset ${offset}, size 32`
        throw new RangeError(`tracer accessed out of bound memory: ${wanted}`)
      }
      return Buffer.from(memory.subarray(offset, offset + 32)).toString('hex')
    },
    frame: (name: string) => this.#frameBytes(name),
    number: (name: string) => {
      if (name === 'callValue') return this.#frame.valueWei.toString(16)
      return this.#enteredValue().toString(16)
    },
    balance: (digits: string) => this.#account(digits).balanceWei.toString(16),
    nonce: (digits: string) => Number(this.#account(digits).nonce),
    code: (digits: string) => {
      const account = this.#state.account(addressOf(digits))
      return account === undefined ? EMPTY_BYTES : this.#state.code(account.codeHash)
    },
    slot: (digits: string, key: string) =>
      bigIntToFixedBytes(this.#state.slot(addressOf(digits), `0x${key}` as Slot), 32),
    exists: (digits: string) => this.#state.account(addressOf(digits)) !== undefined,
    create: (digits: string, nonce: number) =>
      hexToBytes(createAddress(addressOf(digits), BigInt(nonce))),
    create2: (digits: string, salt: string, initCode: string) =>
      hexToBytes(
        create2Address(addressOf(digits), hexToBytes(`0x${salt}`), hexToBytes(`0x${initCode}`)),
      ),
    isPrecompiled: (digits: string) => isPrecompile(addressOf(digits), this.#env.rules),
    context: (name: string) => this.#contextBytes(name),
  }

  observer(sandbox: Sandbox, deadlineMs: number): Observer {
    let steps = 0
    return {
      frameStart: (start) => {
        this.#root ??= start
        if (start.depth > 0 && sandbox.hasEnter) this.#enter(sandbox, start)
        this.#live.frameStart(start)
        this.#open.push(openFrame(start, this.#open.at(-1)))
      },
      step: (step) => {
        if (++steps % CLOCK_STEPS === 0 && Date.now() > deadlineMs) {
          throw new ScriptFailure('execution timeout')
        }
        const frame = this.#frame
        frame.last = step
        frame.isTold = step.gasCost > step.gas
        if (sandbox.hasStep) {
          sandbox.step(numbersOf(step), frame.isTold ? 'out of gas' : undefined)
        }
        this.#live.step(step)
      },
      frameEnd: (end) => {
        const frame = this.#frame
        if (
          end.error !== undefined &&
          frame.last !== undefined &&
          !(frame.isTold && sandbox.hasStep)
        ) {
          sandbox.fault(numbersOf(frame.last), errorWords(end.error))
        }
        this.#open.pop()
        this.#live.frameEnd(end)
        if (end.depth === 0) this.#outermost = end
        else if (sandbox.hasEnter) {
          this.#left = end
          const error = end.error && errorWords(end.error)
          sandbox.exit({ gasUsed: Number(end.gasUsed), error })
        }
      },
    }
  }

  /** JSON of what the tracer makes of it all, with the state after the transaction. */
  result(sandbox: Sandbox, outcome: ExecutedOutcome): string {
    const after = new Overlay(this.#view)
    after.apply(outcome.access.writes)
    this.#state = after
    this.#output = outcome.output
    const { transaction, switches, place } = this.#job
    const gasPrice = effectiveGasPrice(
      transaction,
      pricesOf(transaction, this.#env, switches).baseFeeWei,
    )
    const error = this.#outermost?.error
    return sandbox.result({
      plain: {
        type: transaction.to === null ? 'CREATE' : 'CALL',
        gas: Number(transaction.gasLimit),
        gasUsed: Number(outcome.gasUsed),
        block: Number(this.#env.header.number),
        error: error && errorWords(error),
        txIndex: place?.index,
      },
      big: { gasPrice: gasPrice.toString(16), value: transaction.valueWei.toString(16) },
      bytes: [
        'from',
        'to',
        'input',
        'output',
        'coinbase',
        ...(place === undefined ? [] : ['blockHash', 'txHash']),
      ],
    })
  }

  get #frame(): OpenFrame {
    const frame = this.#open.at(-1)
    if (frame === undefined) throw new ScriptFailure('the tracer keeps `log` beyond its step')
    return frame
  }

  get #step(): Step {
    const { last } = this.#frame
    if (last === undefined) throw new ScriptFailure('the tracer keeps `log` beyond its step')
    return last
  }

  #enter(sandbox: Sandbox, start: FrameStart): void {
    this.#entered = start
    const hasValue = start.kind !== 'STATICCALL'
    sandbox.enter({ type: start.kind, gas: Number(start.gas), hasValue })
  }

  #enteredValue(): bigint {
    const { kind, valueWei } = this.#entered!
    return kind === 'DELEGATECALL' ? this.#frame.valueWei : valueWei
  }

  #frameBytes(name: string): Uint8Array {
    switch (name) {
      case 'caller':
        return hexToBytes(this.#frame.caller)
      case 'address':
        return hexToBytes(this.#frame.address)
      case 'callData':
        return this.#frame.callData
      case 'output':
        return this.#left!.output
      case 'input':
        return this.#entered!.input
    }
    const { kind, from, to, codeAddress } = this.#entered!
    const isBorrowed = kind === 'DELEGATECALL' || kind === 'CALLCODE'
    if (name === 'from') return hexToBytes(from)
    return hexToBytes(isBorrowed ? codeAddress : to)
  }

  #contextBytes(name: string): Uint8Array {
    const { transaction, place } = this.#job
    switch (name) {
      case 'from':
        return hexToBytes(transaction.sender)
      case 'to':
        return hexToBytes(transaction.to ?? this.#root?.to ?? '0x')
      case 'input':
        return transaction.data
      case 'output':
        return this.#output
      case 'coinbase':
        return hexToBytes(this.#env.header.beneficiary)
      case 'blockHash':
        return hexToBytes(place!.blockHash)
      default:
        return hexToBytes(place!.transactionHash)
    }
  }

  #account(digits: string): { readonly balanceWei: bigint; readonly nonce: bigint } {
    return this.#state.account(addressOf(digits)) ?? { balanceWei: 0n, nonce: 0n }
  }
}

function openFrame(start: FrameStart, parent: OpenFrame | undefined): OpenFrame {
  const isDelegate = start.kind === 'DELEGATECALL' && parent !== undefined
  const creates = start.kind === 'CREATE' || start.kind === 'CREATE2'
  return {
    caller: isDelegate ? parent.caller : start.from,
    address: start.to,
    valueWei: isDelegate ? parent.valueWei : start.valueWei,
    callData: creates ? EMPTY_BYTES : start.input.slice(),
    last: undefined,
    isTold: false,
  }
}

/** As the prelude unpacks them. */
function numbersOf(step: Step): readonly number[] {
  const place = step.pc * 256 + step.opcode
  const sizes = (step.depth + 1) * 2048 + step.stack.length
  return [place, Number(step.gas), Number(step.gasCost), sizes, Number(step.refund)]
}

/** Part of the memory, with zeros beyond its end. */
function sliceOf(memory: Uint8Array, start: number, end: number): Uint8Array {
  if (start === end) return EMPTY_BYTES
  if (!(start >= 0 && end > start)) {
    throw new RangeError(`tracer accessed out of bound memory: offset ${start}, end ${end}`)
  }
  if (end - memory.length > MAX_PADDING) {
    const wanted = `end ${end}, memorySize ${memory.length}`
    throw new RangeError(`tracer reached limit for padding memory slice: ${wanted}`)
  }
  const out = new Uint8Array(end - start)
  out.set(memory.subarray(start, end))
  return out
}

function addressOf(digits: string): Address {
  return `0x${digits}` as Address
}
