import type { Common } from '@ethereumjs/common'
import {
  EVM,
  type EVMInterface,
  type EVMMockBlockchainInterface,
  type EVMOpts,
  type EVMResult,
  type EVMRunCallOpts,
  NobleBN254,
  activeCostPerStateByte,
} from '@ethereumjs/evm'
import { createBlockLevelAccessList } from '@ethereumjs/util'
import { type VM, createVM } from '@ethereumjs/vm'

import { EMPTY_BYTES } from '../../primitives/bytes.ts'
import { type Address, type Slot, hexToBytes } from '../../primitives/hex.ts'
import type { Touched, VolatileRead } from '../../state/access.ts'
import type { BlockEnv } from '../engine.ts'
import { cacheJumpAnalysis } from './jump-cache.ts'
import type { CallKind, Tracer } from './tracer.ts'
import { ViewManager } from './view-manager.ts'

/** The fields of a header as opcodes read them. */
export type RawBlock = NonNullable<EVMRunCallOpts['block']>

const VOLATILE: readonly (readonly [opcode: number, read: VolatileRead])[] = [
  [0x40, 'BLOCKHASH'],
  [0x41, 'COINBASE'],
  [0x42, 'TIMESTAMP'],
  [0x43, 'NUMBER'],
  [0x44, 'PREVRANDAO'],
  [0x45, 'GASLIMIT'],
  [0x48, 'BASEFEE'],
  [0x4a, 'BLOBBASEFEE'],
  [0x4b, 'SLOTNUM'],
]
const CALLS: readonly (readonly [opcode: number, kind: CallKind])[] = [
  [0xf0, 'CREATE'],
  [0xf1, 'CALL'],
  [0xf2, 'CALLCODE'],
  [0xf4, 'DELEGATECALL'],
  [0xf5, 'CREATE2'],
  [0xfa, 'STATICCALL'],
]
const LOGS = [0xa0, 0xa1, 0xa2, 0xa3, 0xa4]

/**
 * ethereumjs' EVM over one `ViewManager`, with our ears in its dispatch table: block values are recorded where an
 * instruction reads them, calls, logs and self-destructs where they happen. Runs one transaction at a time.
 */
class Machine extends EVM {
  readonly state: ViewManager
  /** What opcodes see of the block; transactions are paid for by `runTx`'s own. */
  private block: RawBlock | undefined
  private volatile = new Set<VolatileRead>()
  private tracer: Tracer | undefined

  constructor(options: EVMOpts, state: ViewManager) {
    super({ ...options, stateManager: state, bn254: new NobleBN254() })
    this.state = state
    // The fork stays, and the rules outlive the machine: they must not hold it.
    this.common.events.removeAllListeners()
    for (const [opcode, read] of VOLATILE) this.noteReads(opcode, read)
    for (const [opcode, kind] of CALLS) this.noteCalls(opcode, kind)
    for (const opcode of LOGS) this.noteLogs(opcode)
    this.noteHashes()
    this.noteSelfdestructs()
  }

  begin(block: RawBlock, tracer: Tracer | undefined): void {
    this.block = block
    this.volatile = new Set()
    this.tracer = tracer
    if (this.common.isActivatedEIP(7928)) {
      ;(this as EVMInterface).blockLevelAccessList = createBlockLevelAccessList()
    }
    if (tracer === undefined) return
    this.events.on('beforeMessage', (message) => tracer.beforeMessage(message))
    this.events.on('afterMessage', (result) => tracer.afterMessage(result))
    if (tracer.wantsSteps) this.events.on('step', (step) => tracer.step(step))
  }

  /** Which block values were read since `begin`. */
  end(): ReadonlySet<VolatileRead> {
    if (this.tracer !== undefined) this.events.removeAllListeners()
    this.tracer = undefined
    this.block = undefined
    return this.volatile
  }

  /** EIP-7928: what was accessed since `begin`; undefined where the EIP is not active. */
  takeTouched(): Touched | undefined {
    const { accesses } = this.blockLevelAccessList ?? {}
    if (accesses === undefined) return undefined
    return new Map(
      Object.entries(accesses).map(([address, { storageReads, storageChanges }]) => {
        const slots = [...storageReads, ...Object.keys(storageChanges)]
        return [address as Address, new Set(slots.map(wholeSlot))]
      }),
    )
  }

  /** EIP-8037: a system call may set 16 slots at no cost to its gas. */
  fillReservoir(): void {
    if (!this.common.isActivatedEIP(8037)) return
    const slotGas =
      this.common.param('stateBytesPerStorageSet') * activeCostPerStateByte(this.common)
    this.stateGasReservoir = 16n * slotGas
    this.executionStateGasUsed = 0n
  }

  override runCall(options: EVMRunCallOpts): Promise<EVMResult> {
    if (options.message !== undefined || this.block === undefined) return super.runCall(options)
    return super.runCall({ ...options, block: this.block })
  }

  private noteReads(opcode: number, read: VolatileRead): void {
    const entry = this._opcodeMap[opcode]!
    // An opcode that this fork lacks is the one entry of INVALID.
    if (entry.opcodeInfo.code !== opcode) return
    const original = entry.opHandler
    entry.opHandler = (runState, common) => {
      this.volatile.add(read)
      this.tracer?.volatileRead(runState, read)
      return original(runState, common)
    }
  }

  private noteCalls(opcode: number, kind: CallKind): void {
    const entry = this._opcodeMap[opcode]!
    if (entry.opcodeInfo.code !== opcode) return
    const { opHandler, gasHandler } = entry
    entry.opHandler = (runState, common) => {
      if (this.tracer === undefined) return opHandler(runState, common)
      return this.tracer.around(kind, runState, () => opHandler(runState, common))
    }
    if (kind === 'CREATE' || kind === 'CREATE2') return
    entry.gasHandler = async (runState, gas, common) => {
      const cost = await gasHandler(runState, gas, common)
      this.tracer?.grant(runState.messageGasLimit ?? 0n)
      return cost
    }
  }

  private noteLogs(opcode: number): void {
    const entry = this._opcodeMap[opcode]!
    const original = entry.opHandler
    entry.opHandler = (runState, common) => {
      const result = original(runState, common)
      this.tracer?.logged(runState.interpreter._result.logs)
      return result
    }
  }

  private noteHashes(): void {
    const entry = this._opcodeMap[0x20]!
    const original = entry.opHandler
    entry.opHandler = (runState, common) => {
      if (this.tracer === undefined) return original(runState, common)
      const [offset, size] = runState.stack.peek(2)
      const result = original(runState, common)
      const input = size === 0n ? EMPTY_BYTES : runState.memory.read(Number(offset), Number(size))
      this.tracer.hashed(runState, input)
      return result
    }
  }

  private noteSelfdestructs(): void {
    const entry = this._opcodeMap[0xff]!
    const original = entry.opHandler
    entry.opHandler = (runState, common) => {
      if (this.tracer === undefined) return original(runState, common)
      return this.tracer.aroundSelfdestruct(runState, () => original(runState, common))
    }
  }
}

/** ethereumjs leaves a key's leading zeros out. */
function wholeSlot(key: string): Slot {
  return `0x${key.slice(2).padStart(64, '0')}` as Slot
}

/** A machine and what `runTx` needs around it. */
export interface Rig {
  readonly vm: VM
  readonly evm: Machine
  readonly state: ViewManager
  /** Answers BLOCKHASH. */
  readonly hashes: HashSource
  /** Where the pool keeps it; a machine without a place is used once. */
  readonly shelf: string | undefined
}

class HashSource implements EVMMockBlockchainInterface {
  env: BlockEnv | undefined

  getBlock(number: number): Promise<{ hash(): Uint8Array }> {
    const hash = this.env?.blockHash(BigInt(number))
    const bytes = hash === undefined ? new Uint8Array(32) : hexToBytes(hash)
    return Promise.resolve({ hash: () => bytes })
  }

  putBlock(): Promise<void> {
    throw new Error('bug: a machine stores no blocks')
  }

  shallowCopy(): EVMMockBlockchainInterface {
    return this
  }
}

export type RigOptions = Pick<
  EVMOpts,
  'allowUnlimitedContractSize' | 'allowUnlimitedInitCodeSize' | 'customPrecompiles'
>

export async function createRig(
  common: Common,
  options: RigOptions,
  shelf: string | undefined,
): Promise<Rig> {
  await cacheJumpAnalysis()
  const state = new ViewManager()
  const hashes = new HashSource()
  const evm = new Machine({ ...options, common, blockchain: hashes }, state)
  const vm = await createVM({ common, evm, stateManager: state, blockchain: hashes })
  return { vm, evm, state, hashes, shelf }
}
