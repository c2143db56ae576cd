import type { Engine } from '../evm/engine.ts'
import { createSerialExecutor } from '../executor/serial.ts'
import type { Account } from '../model/account.ts'
import { type JsonObject, readObject } from '../model/genesis-read.ts'
import {
  type Address,
  type Hash,
  type Slot,
  bytesToHex,
  slotOf,
  toQuantity,
} from '../primitives/hex.ts'
import { EMPTY_CODE_HASH } from '../primitives/keccak.ts'
import { AnswerCache } from '../node/fork/answer-cache.ts'
import { RemoteBlock } from '../node/fork/remote-block.ts'
import { type Remote, RemoteError, RemoteSilence } from '../node/fork/remote.ts'
import { readHeader, readTransactions } from '../model/codec/json-block.ts'
import { rulesAt } from '../model/fork.ts'
import { CodeStore } from '../state/codes.ts'
import type { StateView } from '../state/view.ts'
import { configOfChain } from './replay-rules.ts'

/** A block of a remote chain as `heddle replay` reads it, and hashes of earlier blocks that it asks for. */
export interface Bundle {
  readonly json: object
  readonly hashes: ReadonlyMap<bigint, Hash>
  /** How the state came: all at once by Geth's prestate tracer, or as it was needed. */
  readonly source: 'prestateTracer' | 'lazy'
  readonly txs: number
  readonly accounts: number
  readonly slots: number
}

/**
 * Fetches a block with all that its transactions read of the state before it: by running them on it.
 * @throws {RemoteError} when the remote cannot say, {DecodeError} for transactions of kinds that are not Ethereum's
 */
export async function fetchBundle(
  remote: Remote,
  engine: Engine,
  chainId: bigint,
  number: bigint,
): Promise<Bundle> {
  const answer = await remote.ask('eth_getBlockByNumber', [toQuantity(number), true])
  if (answer === null || number === 0n) {
    throw new RemoteError(
      `the remote chain at ${remote.name} has no block ${number} with a state before it`,
    )
  }
  const block = readObject(answer, 'block')
  const header = readHeader(block, 'block')
  const transactions = readTransactions(block, 'block')
  const cache = await AnswerCache.open(undefined, chainId, header.parentHash)
  const parent = { chainId, number: number - 1n, hash: header.parentHash }
  const state = new RemoteBlock(remote, cache, parent, 'number')
  const source = (await seed(remote, cache, number)) ? 'prestateTracer' : 'lazy'
  const read = new ReadState(state)
  const config = configOfChain(chainId, header)
  const rules = rulesAt(config, header.number, header.timestamp)
  await createSerialExecutor(engine).execute(
    {
      config,
      env: { rules, chainId, header, blockHash: (wanted) => read.blockHash(wanted, header.number) },
      header,
      transactions,
      ommers: [],
      withdrawals: undefined,
      onRejection: 'stop',
      protocol: 'none',
    },
    read,
  )
  return {
    json: { chainId: Number(chainId), block, ...read.toJson() },
    hashes: read.hashes,
    source,
    txs: transactions.length,
    accounts: read.accounts.size,
    slots: [...read.words.values()].reduce((sum, words) => sum + words.size, 0),
  }
}

/**
 * What the prestate tracer says of each transaction: what is first said of a place is what was there before the block.
 * @returns whether the remote has it
 */
async function seed(remote: Remote, cache: AnswerCache, number: bigint): Promise<boolean> {
  let traced: unknown
  try {
    traced = await remote.ask('debug_traceBlockByNumber', [
      toQuantity(number),
      { tracer: 'prestateTracer' },
    ])
  } catch (error) {
    if (!(error instanceof RemoteError) || error instanceof RemoteSilence) throw error
    return false
  }
  if (!Array.isArray(traced)) return false
  const put = (key: string, value: string): void => {
    if (cache.get(key) === undefined) cache.set(key, value)
  }
  for (const { result } of traced as { readonly result?: JsonObject }[]) {
    for (const [address, value] of Object.entries(result ?? {})) {
      const { balance, nonce, code, storage } = value as JsonObject
      const at = address.toLowerCase()
      put(`eth_getBalance ${at}`, numberText(balance))
      put(`eth_getTransactionCount ${at}`, numberText(nonce))
      put(`eth_getCode ${at}`, typeof code === 'string' ? code : '0x')
      for (const [key, word] of Object.entries((storage ?? {}) as JsonObject)) {
        put(`eth_getStorageAt ${at} ${slotOf(BigInt(key))}`, numberText(word))
      }
    }
  }
  return true
}

function numberText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? toQuantity(BigInt(value)) : '0x0'
}

/** The state before the block, which remembers what was read of it. */
class ReadState implements StateView {
  readonly isPartial = true
  readonly accounts = new Map<Address, Account | undefined>()
  readonly words = new Map<Address, Map<Slot, bigint>>()
  readonly hashes = new Map<bigint, Hash>()
  readonly #codes = new CodeStore()
  readonly #block: RemoteBlock

  constructor(block: RemoteBlock) {
    this.#block = block
    block.useCodes(this.#codes)
  }

  account(address: Address): Account | undefined {
    const found = this.#block.account(address)
    this.accounts.set(address, found)
    return found
  }

  slot(address: Address, key: Slot): bigint {
    const found = this.#block.slot(address, key)
    const words = this.words.get(address) ?? new Map<Slot, bigint>()
    this.words.set(address, words.set(key, found))
    return found
  }

  code(hash: Hash): Uint8Array {
    return this.#codes.get(hash)
  }

  hasStorage(): boolean {
    return false
  }

  blockHash(wanted: bigint, number: bigint): Hash | undefined {
    const depth = number - wanted
    if (depth < 1n || depth > 256n || wanted < 0n) return undefined
    const hash = depth === 1n ? this.#block.hash : this.#block.hashOf(wanted)
    if (hash !== undefined) this.hashes.set(wanted, hash)
    return hash
  }

  toJson(): { readonly pre: object; readonly codes: object } {
    const codes: Record<string, string> = {}
    const pre: Record<string, object> = {}
    for (const [address, account] of this.accounts) {
      if (account === undefined) continue
      const { balanceWei, nonce, codeHash } = account
      if (codeHash !== EMPTY_CODE_HASH) codes[codeHash] = bytesToHex(this.#codes.get(codeHash))
      const words = [...(this.words.get(address) ?? [])]
      pre[address] = {
        balance: toQuantity(balanceWei),
        nonce: Number(nonce),
        code_hash: codeHash,
        storage: Object.fromEntries(words.map(([key, value]) => [key, toQuantity(value)])),
      }
    }
    return { pre, codes }
  }
}
