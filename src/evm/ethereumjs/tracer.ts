import { EVMError, type EVMResult, type ExecResult } from '@ethereumjs/evm'
import type { InterpreterStep, Log, Message } from '@ethereumjs/evm'

import { create2Address, createAddress } from '../../model/create-address.ts'
import { EMPTY_BYTES, bigIntToFixedBytes } from '../../primitives/bytes.ts'
import { type Address, bytesToAddress, bytesToHash } from '../../primitives/hex.ts'
import type { VolatileRead } from '../../state/access.ts'
import { isDelegation } from '../admission.ts'
import type { FrameError, FrameKind, Observer } from '../observer.ts'
import { frameErrorOf, undefinedOpcode } from './halt.ts'
import type { ViewManager } from './view-manager.ts'

export type CallKind = Exclude<FrameKind, 'SELFDESTRUCT'>

/** What is looked at of an interpreter's state. */
export interface Running {
  /** Behind the instruction at work. */
  readonly programCounter: number
  readonly stack: { peek(count?: number): bigint[] }
  readonly memory: { read(offset: number, size: number): Uint8Array }
  readonly env: {
    readonly address: { readonly bytes: Uint8Array }
    readonly depth: number
    readonly callValue: bigint
    readonly contract: { readonly balance: bigint; readonly nonce: bigint }
  }
  readonly messageGasLimit?: bigint
}

interface Frame {
  readonly kind: CallKind
  readonly address: Address
  readonly codeAddress: Address
  readonly code: Uint8Array
  /** Logs before it began. */
  readonly logs: number
  returnData: Uint8Array
}

const MAX_DEPTH = 1024
const STIPEND = 2_300n
/** STOP, RETURN and SELFDESTRUCT. */
const ENDING: readonly number[] = [0x00, 0xf3, 0xff]

/** Tells an observer of one execution in terms of `Observer`. */
export class Tracer {
  private readonly observer: Observer
  private readonly state: ViewManager
  private readonly frames: Frame[] = []
  /** The call instruction at work, until its frame begins. */
  private calling: CallKind | undefined
  private grantedGas = 0n
  private logs = 0

  constructor(observer: Observer, state: ViewManager) {
    this.observer = observer
    this.state = state
  }

  get wantsSteps(): boolean {
    return this.observer.step !== undefined
  }

  beforeMessage(message: Message): void {
    const kind = this.calling ?? (message.to === undefined ? 'CREATE' : 'CALL')
    this.calling = undefined
    const caller = bytesToAddress(message.caller.bytes)
    const parent = this.frames.at(-1)
    const address =
      message.to === undefined ? this.creationAddress(message) : bytesToAddress(message.to.bytes)
    const isCreation = message.to === undefined
    const codeAddress = isCreation
      ? address
      : this.delegate(bytesToAddress(message.codeAddress.bytes))
    this.frames.push({
      kind,
      address,
      codeAddress,
      code: isCreation ? message.data : this.state.peekCode(codeAddress),
      logs: this.logs,
      returnData: EMPTY_BYTES,
    })
    this.observer.frameStart?.({
      kind,
      depth: message.depth,
      from: parent?.address ?? caller,
      to: address,
      codeAddress,
      valueWei: message.value,
      gas: message.gasLimit,
      input: message.data,
    })
  }

  afterMessage({ execResult }: EVMResult): void {
    const frame = this.frames.at(-1)
    if (frame === undefined) throw new Error('bug: a frame ended that did not begin')
    if (this.wantsSteps) this.showImpliedStop(frame, execResult)
    this.frames.pop()
    const isCreation = frame.kind === 'CREATE' || frame.kind === 'CREATE2'
    const error = frameErrorOf(execResult, isCreation)
    const output =
      error === undefined || error.kind === 'revert' ? execResult.returnValue : EMPTY_BYTES
    if (error !== undefined) this.logs = frame.logs
    const parent = this.frames.at(-1)
    if (parent !== undefined) {
      parent.returnData = isCreation && error === undefined ? EMPTY_BYTES : output
    }
    const depth = this.frames.length
    this.observer.frameEnd?.({ depth, gasUsed: execResult.executionGasUsed, output, error })
  }

  /** The gas that a call instruction is about to hand on: Geth counts it to its cost. */
  grant(gas: bigint): void {
    this.grantedGas = gas
  }

  step(step: InterpreterStep): void {
    const frame = this.frames.at(-1)
    if (frame === undefined) return
    // Opcodes that are not defined share the entry of INVALID.
    const opcode = frame.code[step.pc] ?? step.opcode.code
    const isDefined = opcode === step.opcode.code
    const granted = this.grantedGas
    this.grantedGas = 0n
    this.observer.step?.({
      depth: step.depth,
      pc: step.pc,
      opcode,
      name: isDefined ? step.opcode.name : undefinedOpcode(opcode),
      gas: step.gasLeft,
      gasCost: (step.opcode.dynamicFee ?? BigInt(step.opcode.fee)) + granted,
      refund: step.gasRefund,
      address: frame.address,
      codeAddress: frame.codeAddress,
      stackSize: step.stack.length,
      stack: step.stack,
      memory: step.memory,
      returnData: frame.returnData,
    })
  }

  /** Geth shows the STOP that is implied where code ends; ethereumjs does not. */
  private showImpliedStop(frame: Frame, result: ExecResult): void {
    const { exceptionError, runState } = result
    if (exceptionError !== undefined || runState === undefined) return
    if (ENDING.includes(runState.opCode)) return
    const stack = runState.stack.getStack()
    this.observer.step?.({
      depth: this.frames.length - 1,
      pc: runState.programCounter,
      opcode: 0,
      name: 'STOP',
      gas: runState.gasLeft,
      gasCost: 0n,
      refund: result.gasRefund ?? 0n,
      address: frame.address,
      codeAddress: frame.codeAddress,
      stackSize: stack.length,
      stack,
      memory: runState.memory._store.subarray(0, Number(runState.memoryWordCount) * 32),
      returnData: frame.returnData,
    })
  }

  /** Runs a call instruction; one that ends before its frame begins is shown as a frame that failed. */
  async around(kind: CallKind, running: Running, run: () => unknown): Promise<void> {
    const items = running.stack.peek(ITEMS[kind])
    const gas = running.messageGasLimit ?? 0n
    this.calling = kind
    const frame = this.frames.at(-1)
    if (frame !== undefined) frame.returnData = EMPTY_BYTES
    await run()
    if (this.calling === undefined) return
    this.calling = undefined
    this.showFailure(kind, running, items, gas)
  }

  async aroundSelfdestruct(running: Running, run: () => unknown): Promise<void> {
    const heir = toAddress(running.stack.peek(1)[0] ?? 0n)
    const balance = running.env.contract.balance
    try {
      await run()
    } catch (error) {
      // Success throws as well: it ends the frame.
      if (error instanceof EVMError && error.error === EVMError.errorMessages.STOP) {
        this.showSelfdestruct(running, heir, balance)
      }
      throw error
    }
  }

  /** A LOG instruction was run: its log is the frame's last. */
  logged(frameLogs: readonly Log[]): void {
    const log = frameLogs.at(-1)
    if (log === undefined) return
    const [address, topics, data] = log
    this.observer.log?.({
      depth: this.frames.length - 1,
      address: bytesToAddress(address),
      topics: topics.map(bytesToHash),
      data,
      index: this.logs,
    })
    this.logs++
  }

  /** KECCAK256 was run. */
  hashed({ programCounter, stack }: Running, input: Uint8Array): void {
    const [hash] = stack.peek(1)
    const codeAddress = this.frames.at(-1)?.codeAddress
    if (codeAddress === undefined) return
    this.observer.hashed?.({
      depth: this.frames.length - 1,
      pc: programCounter - 1,
      codeAddress,
      input,
      hash: bytesToHash(bigIntToFixedBytes(hash ?? 0n, 32)),
    })
  }

  volatileRead({ programCounter }: Running, read: VolatileRead): void {
    const codeAddress = this.frames.at(-1)?.codeAddress
    if (codeAddress === undefined) return
    const depth = this.frames.length - 1
    this.observer.volatileRead?.({ depth, pc: programCounter - 1, codeAddress, read })
  }

  private showSelfdestruct({ env }: Running, heir: Address, valueWei: bigint): void {
    const depth = env.depth + 1
    this.observer.frameStart?.({
      kind: 'SELFDESTRUCT',
      depth,
      from: bytesToAddress(env.address.bytes),
      to: heir,
      codeAddress: heir,
      valueWei,
      gas: 0n,
      input: EMPTY_BYTES,
    })
    this.observer.frameEnd?.({ depth, gasUsed: 0n, output: EMPTY_BYTES })
  }

  private showFailure(kind: CallKind, running: Running, items: bigint[], gas: bigint): void {
    const { env } = running
    const depth = env.depth + 1
    const self = bytesToAddress(env.address.bytes)
    const isCreation = kind === 'CREATE' || kind === 'CREATE2'
    const hasValue = kind === 'CALL' || kind === 'CALLCODE'
    const inputAt = isCreation ? 1 : hasValue ? 3 : 2
    const offset = Number(items[inputAt] ?? 0n)
    const size = Number(items[inputAt + 1] ?? 0n)
    const input = size === 0 ? EMPTY_BYTES : running.memory.read(offset, size)
    let callee = toAddress(items[1] ?? 0n)
    if (kind === 'CREATE') callee = createAddress(self, env.contract.nonce)
    if (kind === 'CREATE2') {
      callee = create2Address(self, bigIntToFixedBytes(items[3] ?? 0n, 32), input)
    }
    const value = isCreation ? items[0] : hasValue ? items[2] : 0n
    this.observer.frameStart?.({
      kind,
      depth,
      from: self,
      to: kind === 'CALL' || kind === 'STATICCALL' || isCreation ? callee : self,
      codeAddress: callee,
      valueWei: (kind === 'DELEGATECALL' ? env.callValue : value) ?? 0n,
      gas: hasValue && (value ?? 0n) > 0n ? gas + STIPEND : gas,
      input,
    })
    const error: FrameError = { kind: 'halt', reason: failure(env.depth, env.contract, value) }
    this.observer.frameEnd?.({ depth, gasUsed: 0n, output: EMPTY_BYTES, error })
  }

  private creationAddress(message: Message): Address {
    const caller = bytesToAddress(message.caller.bytes)
    const nonce = (this.state.peekAccount(caller)?.nonce ?? 1n) - 1n
    if (message.salt === undefined) return createAddress(caller, nonce)
    return create2Address(caller, message.salt, message.data)
  }

  /** Whose code runs when `address` is called: another's when it delegates (EIP-7702). */
  private delegate(address: Address): Address {
    const code = this.state.peekCode(address)
    return isDelegation(code) ? bytesToAddress(code.subarray(3)) : address
  }
}

/** How many stack items each takes. */
const ITEMS: Readonly<Record<CallKind, number>> = {
  CALL: 7,
  CALLCODE: 7,
  DELEGATECALL: 6,
  STATICCALL: 6,
  CREATE: 3,
  CREATE2: 4,
}

function failure(
  depth: number,
  caller: { readonly balance: bigint; readonly nonce: bigint },
  value: bigint | undefined,
): string {
  if (depth >= MAX_DEPTH) return 'max call depth exceeded'
  if (value !== undefined && caller.balance < value) return 'insufficient balance for transfer'
  return caller.nonce >= 2n ** 64n - 1n ? 'nonce uint64 overflow' : 'max initcode size exceeded'
}

function toAddress(word: bigint): Address {
  return bytesToAddress(bigIntToFixedBytes(BigInt.asUintN(160, word), 20))
}
