import type { BlockEnv, Engine, ExecutionOptions, Outcome } from '../../src/evm/engine.ts'
import type { Executable } from '../../src/evm/engine.ts'
import type { Header } from '../../src/model/block.ts'
import { type ForkName, type NetworkName, configAtFork, rulesAt } from '../../src/model/fork.ts'
import type { AccessList, Authorization } from '../../src/model/transaction.ts'
import { EMPTY_BYTES, concatBytes } from '../../src/primitives/bytes.ts'
import {
  type Address,
  type Hash,
  type Slot,
  ZERO_HASH,
  hexToBytes,
  slotOf,
} from '../../src/primitives/hex.ts'
import { EMPTY_LIST_HASH, EMPTY_ROOT, keccakHash } from '../../src/primitives/keccak.ts'
import { CodeStore } from '../../src/state/codes.ts'
import { Overlay } from '../../src/state/overlay.ts'
import { type GenesisAccount, versionFromGenesis, viewOf } from '../../src/state/world.ts'

export const CHAIN_ID = 31337n
export const BASE_FEE_WEI = 7n
export const BENEFICIARY = account(0xbe)
export const SENDER = account(1)
export const OTHER = account(2)
export const RICH = 10n ** 20n

/** The n-th account of tests: beyond all precompiles. */
export function account(n: number): Address {
  return `0x${(0x10000 + n).toString(16).padStart(40, '0')}` as Address
}

export const slot = (key: bigint | number): Slot => slotOf(BigInt(key))

export const word = (value: bigint | number | Address): Uint8Array =>
  hexToBytes(`0x${BigInt(value).toString(16).padStart(64, '0')}`)

const OPCODES: Readonly<Record<string, number>> = {
  STOP: 0x00,
  ADD: 0x01,
  MUL: 0x02,
  DIV: 0x04,
  EXP: 0x0a,
  EQ: 0x14,
  ISZERO: 0x15,
  KECCAK256: 0x20,
  BALANCE: 0x31,
  CALLER: 0x33,
  CALLVALUE: 0x34,
  CALLDATALOAD: 0x35,
  CALLDATASIZE: 0x36,
  CALLDATACOPY: 0x37,
  CODESIZE: 0x38,
  CODECOPY: 0x39,
  GASPRICE: 0x3a,
  EXTCODESIZE: 0x3b,
  EXTCODECOPY: 0x3c,
  EXTCODEHASH: 0x3f,
  RETURNDATASIZE: 0x3d,
  RETURNDATACOPY: 0x3e,
  BLOCKHASH: 0x40,
  COINBASE: 0x41,
  TIMESTAMP: 0x42,
  NUMBER: 0x43,
  PREVRANDAO: 0x44,
  GASLIMIT: 0x45,
  CHAINID: 0x46,
  SELFBALANCE: 0x47,
  BASEFEE: 0x48,
  BLOBHASH: 0x49,
  BLOBBASEFEE: 0x4a,
  POP: 0x50,
  MLOAD: 0x51,
  MSTORE: 0x52,
  MSTORE8: 0x53,
  SLOAD: 0x54,
  SSTORE: 0x55,
  JUMP: 0x56,
  JUMPI: 0x57,
  GAS: 0x5a,
  JUMPDEST: 0x5b,
  TLOAD: 0x5c,
  TSTORE: 0x5d,
  MCOPY: 0x5e,
  DUP1: 0x80,
  LOG0: 0xa0,
  LOG1: 0xa1,
  LOG2: 0xa2,
  LOG3: 0xa3,
  LOG4: 0xa4,
  CREATE: 0xf0,
  CALL: 0xf1,
  CALLCODE: 0xf2,
  RETURN: 0xf3,
  DELEGATECALL: 0xf4,
  CREATE2: 0xf5,
  STATICCALL: 0xfa,
  REVERT: 0xfd,
  INVALID: 0xfe,
  SELFDESTRUCT: 0xff,
}

/** Bytecode of words: opcodes by name, and hex numbers, which are pushed. `asm('0x2a 0x00 SSTORE')` */
export function asm(source: string): Uint8Array {
  const parts = source
    .split(/\s+/)
    .filter(Boolean)
    .map((token) => {
      const opcode = OPCODES[token]
      if (opcode !== undefined) return Uint8Array.of(opcode)
      const bytes = hexToBytes(token)
      return concatBytes(Uint8Array.of(0x5f + bytes.length), bytes)
    })
  return concatBytes(...parts)
}

/** Returns the word on top of the stack. */
export const RETURN_TOP = '0x00 MSTORE 0x20 0x00 RETURN'

/** A call of `callee` with all the gas and no data, its result on the stack. */
export function callOf(callee: Address, value = '0x00'): string {
  return `0x00 0x00 0x00 0x00 ${value} ${callee} GAS CALL`
}

/** Init code that deploys `runtime`. */
export function deploying(runtime: Uint8Array): Uint8Array {
  const head = hexToBytes(`0x61${runtime.length.toString(16).padStart(4, '0')}80600c6000396000f3`)
  return concatBytes(head, runtime)
}

export interface TestTransaction {
  readonly sender?: Address
  readonly nonce?: bigint
  readonly gasLimit?: bigint
  readonly to?: Address | null
  readonly valueWei?: bigint
  readonly data?: Uint8Array
  readonly maxFeePerGasWei?: bigint
  readonly maxPriorityFeePerGasWei?: bigint
  readonly accessList?: AccessList
  readonly authorizationList?: readonly Authorization[]
  readonly blobVersionedHashes?: readonly Hash[]
  readonly maxFeePerBlobGasWei?: bigint
}

export type Alloc = Readonly<Record<Address, Partial<GenesisAccount>>>

/** A state, a block on it, and an engine that runs transactions in that block. */
export class TestWorld {
  readonly engine: Engine
  readonly view: Overlay
  env: BlockEnv

  constructor(
    engine: Engine,
    alloc: Alloc,
    fork: ForkName = 'osaka',
    header: Partial<Header> = {},
    network?: NetworkName,
  ) {
    this.engine = engine
    const accounts = new Map<Address, GenesisAccount>([[SENDER, { balanceWei: RICH }]])
    for (const [address, fields] of Object.entries(alloc)) {
      accounts.set(address as Address, { balanceWei: 0n, ...fields })
    }
    const codes = new CodeStore()
    this.view = new Overlay(viewOf(versionFromGenesis(accounts, codes), codes))
    const rules = rulesAt(configAtFork(fork, CHAIN_ID, network), 1n, 1n)
    const blockHash = (number: bigint): Hash => keccakHash(word(number))
    this.env = { rules, chainId: CHAIN_ID, header: { ...HEADER, ...header }, blockHash }
  }

  /** Type 2 unless its fields say otherwise; the nonce is the sender's. */
  transaction(tx: TestTransaction): Executable {
    const sender = tx.sender ?? SENDER
    const fields = {
      type: 2,
      chainId: CHAIN_ID,
      nonce: this.view.account(sender)?.nonce ?? 0n,
      gasLimit: 1_000_000n,
      to: OTHER,
      valueWei: 0n,
      data: EMPTY_BYTES,
      maxFeePerGasWei: 100n,
      maxPriorityFeePerGasWei: 1n,
      accessList: [],
      sender,
    }
    if (tx.authorizationList !== undefined) return { ...fields, ...tx, type: 4 } as Executable
    if (tx.blobVersionedHashes !== undefined) {
      return { maxFeePerBlobGasWei: 1n, ...fields, ...tx, type: 3 } as Executable
    }
    return { ...fields, ...tx } as Executable
  }

  /** Runs on the present state, which stays. */
  async run(tx: TestTransaction | Executable, options?: ExecutionOptions): Promise<Outcome> {
    const whole = 'type' in tx ? tx : this.transaction(tx)
    return this.engine.transact(whole, this.env, this.view, options)
  }

  /** Runs and keeps what changed. */
  async send(
    tx: TestTransaction | Executable,
    options?: ExecutionOptions,
  ): Promise<Exclude<Outcome, { kind: 'rejected' }>> {
    const outcome = await this.run(tx, options)
    if (outcome.kind === 'rejected') throw new Error(`rejected: ${outcome.rejection.kind}`)
    this.view.apply(outcome.access.writes)
    return outcome
  }
}

const HEADER: Header = {
  parentHash: ZERO_HASH,
  ommersHash: EMPTY_LIST_HASH,
  beneficiary: BENEFICIARY,
  stateRoot: EMPTY_ROOT,
  transactionsRoot: EMPTY_ROOT,
  receiptsRoot: EMPTY_ROOT,
  logsBloom: new Uint8Array(256),
  difficulty: 0n,
  number: 1000n,
  gasLimit: 30_000_000n,
  gasUsed: 0n,
  timestamp: 1_800_000_000n,
  extraData: EMPTY_BYTES,
  mixHash: keccakHash(EMPTY_BYTES),
  nonce: new Uint8Array(8),
  baseFeePerGasWei: BASE_FEE_WEI,
  excessBlobGas: 0n,
}
