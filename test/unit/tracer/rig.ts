import type { BlockEnv, Executable, Outcome } from '../../../src/evm/engine.ts'
import { createEthereumjsEngine } from '../../../src/evm/ethereumjs/engine.ts'
import type { Observer } from '../../../src/evm/observer.ts'
import type { ExecutedOutcome, TraceContext } from '../../../src/evm/tracer/tracer.ts'
import { createTracer, type TracerOptions } from '../../../src/evm/tracer/tracers.ts'
import { type ForkName, configAtFork, rulesAt } from '../../../src/model/fork.ts'
import type { Account } from '../../../src/model/account.ts'
import {
  type Address,
  type Hash,
  type Hex,
  type Slot,
  ZERO_HASH,
  hexToBytes,
  parseAddress,
} from '../../../src/primitives/hex.ts'
import { EMPTY_CODE_HASH, keccakHash } from '../../../src/primitives/keccak.ts'
import { Overlay } from '../../../src/state/overlay.ts'
import type { StateView } from '../../../src/state/view.ts'

/** A chain's state in memory with the reference engine on it, to trace real executions. */

export const SENDER: Address = parseAddress(`0x${'5e'.repeat(20)}`)
export const BENEFICIARY: Address = parseAddress(`0x${'be'.repeat(20)}`)
export const GAS_LIMIT = 5_000_000n
const ETHER = 10n ** 18n

export function addressOf(byte: string): Address {
  return parseAddress(`0x${byte.repeat(20)}`)
}

interface Given {
  readonly balanceWei?: bigint
  readonly nonce?: bigint
  readonly code?: Hex
  readonly slots?: Readonly<Record<Slot, bigint>>
}

class GivenView implements StateView {
  readonly #accounts: ReadonlyMap<Address, Given>
  readonly #codes: Map<Hash, Uint8Array> = new Map([[EMPTY_CODE_HASH, new Uint8Array(0)]])

  constructor(accounts: ReadonlyMap<Address, Given>) {
    this.#accounts = accounts
    for (const { code = '0x' } of accounts.values()) {
      this.#codes.set(keccakHash(hexToBytes(code)), hexToBytes(code))
    }
  }

  account(address: Address): Account | undefined {
    const given = this.#accounts.get(address)
    if (given === undefined) return undefined
    const { balanceWei = 0n, nonce = 0n, code = '0x' } = given
    return { balanceWei, nonce, codeHash: keccakHash(hexToBytes(code)) }
  }

  slot(address: Address, key: Slot): bigint {
    return this.#accounts.get(address)?.slots?.[key] ?? 0n
  }

  code(hash: Hash): Uint8Array {
    const code = this.#codes.get(hash)
    if (code === undefined) throw new Error(`no code with hash ${hash}`)
    return code
  }

  hasStorage(address: Address): boolean {
    return Object.keys(this.#accounts.get(address)?.slots ?? {}).length > 0
  }
}

export interface Rig {
  readonly view: Overlay
  readonly env: BlockEnv
  /** The transaction that `fields` stand for. */
  complete(fields: Partial<Executable>): Executable
  /** A transaction of `SENDER` with the given fields; its effects stay. */
  transact(fields: Partial<Executable>, observer?: Observer): Promise<ExecutedOutcome>
  /** Traces as debug_trace* would, as it looks after a trip over the wire; the effects stay. */
  trace<Result = unknown>(fields: Partial<Executable>, options?: TracerOptions): Promise<Result>
  deploy(code: Hex): Promise<Address>
}

export function createRig(
  accounts: Readonly<Record<Address, Given>> = {},
  fork: ForkName = 'osaka',
): Rig {
  const given = new Map(Object.entries(accounts)) as Map<Address, Given>
  given.set(SENDER, { balanceWei: 1000n * ETHER })
  const view = new Overlay(new GivenView(given))
  const env = environment(fork)
  const engine = createEthereumjsEngine()

  const complete = (fields: Partial<Executable>): Executable =>
    ({
      type: 0,
      chainId: 1n,
      sender: SENDER,
      nonce: view.account(SENDER)?.nonce ?? 0n,
      gasLimit: GAS_LIMIT,
      gasPriceWei: 10n ** 9n,
      to: null,
      valueWei: 0n,
      data: new Uint8Array(0),
      ...fields,
    }) as Executable
  const run = async (transaction: Executable, observer?: Observer): Promise<ExecutedOutcome> => {
    const outcome: Outcome = await engine.transact(transaction, env, view, { observer })
    if (outcome.kind === 'rejected') throw new Error(JSON.stringify(outcome, replacer))
    return outcome
  }
  const rig: Rig = {
    view,
    env,
    complete,
    async transact(fields, observer) {
      const outcome = await run(complete(fields), observer)
      view.apply(outcome.access.writes)
      return outcome
    },
    async trace(fields, options = {}) {
      const transaction = complete(fields)
      const tracer = tracerOf(options, { view, env, transaction })
      const outcome = await run(transaction, tracer.observer)
      const result = JSON.parse(JSON.stringify(tracer.result(outcome)))
      view.apply(outcome.access.writes)
      return result
    },
    async deploy(code) {
      const outcome = await rig.transact({ data: hexToBytes(code) })
      if (outcome.kind !== 'success' || outcome.created === null) {
        throw new Error(`not deployed: ${JSON.stringify(outcome, replacer)}`)
      }
      return outcome.created
    },
  }
  return rig
}

export function tracerOf(options: TracerOptions, context: TraceContext) {
  const tracer = createTracer(options, context)
  if (tracer.kind !== 'tracer') throw new Error(JSON.stringify(tracer))
  return tracer
}

function environment(fork: ForkName): BlockEnv {
  return {
    rules: rulesAt(configAtFork(fork, 1n), 1n, 1_800_000_000n),
    chainId: 1n,
    header: {
      parentHash: ZERO_HASH,
      ommersHash: ZERO_HASH,
      beneficiary: BENEFICIARY,
      stateRoot: ZERO_HASH,
      transactionsRoot: ZERO_HASH,
      receiptsRoot: ZERO_HASH,
      logsBloom: new Uint8Array(256),
      difficulty: 0n,
      number: 1n,
      gasLimit: 30_000_000n,
      gasUsed: 0n,
      timestamp: 1_800_000_000n,
      extraData: new Uint8Array(0),
      mixHash: ZERO_HASH,
      nonce: new Uint8Array(8),
      baseFeePerGasWei: 7n,
      blobGasUsed: 0n,
      excessBlobGas: 0n,
    },
    blockHash: () => undefined,
  }
}

function replacer(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
