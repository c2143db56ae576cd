import type { Account } from '../../model/account.ts'
import type { Address, Hash, Slot } from '../../primitives/hex.ts'
import { EMPTY_CODE_HASH, keccakHash } from '../../primitives/keccak.ts'
import { hexToBytes, parseHash, toQuantity } from '../../primitives/hex.ts'
import type { Json } from '../../rpc/backend.ts'
import { Absent } from '../../state/absent.ts'
import type { CodeStore } from '../../state/codes.ts'
import type { DistantState } from '../../state/distant.ts'
import type { AnswerCache } from './answer-cache.ts'
import { type Remote, RemoteError } from './remote.ts'

/** Words of nodes that keep no old states. */
const PRUNED =
  /missing trie node|state .*(?:not available|unavailable|pruned)|historical state|old data not available|header not found|distance to target block|block not found|pruned/i

const BYTES = /^0x(?:[0-9a-fA-F]{2})*$/
const NUMBER = /^0x[0-9a-fA-F]{1,64}$/

/** A block of the remote chain: its state, and what lies before it. What was asked once is remembered. */
export class RemoteBlock implements DistantState {
  readonly remote: Remote
  readonly cache: AnswerCache
  readonly chainId: bigint
  readonly number: bigint
  readonly hash: Hash
  /** How requests name the block: by its hash, so that a reorganisation there changes nothing here, where the remote knows EIP-1898. */
  readonly #ref: Json
  readonly #accounts = new Map<Address, { readonly account: Account | undefined }>()
  #codes: CodeStore | undefined

  constructor(
    remote: Remote,
    cache: AnswerCache,
    block: { readonly chainId: bigint; readonly number: bigint; readonly hash: Hash },
    namedBy: 'hash' | 'number',
  ) {
    this.remote = remote
    this.cache = cache
    this.chainId = block.chainId
    this.number = block.number
    this.hash = block.hash
    this.#ref = namedBy === 'hash' ? { blockHash: block.hash } : toQuantity(block.number)
  }

  /** @param codes gets the code of every account that is read from here on */
  useCodes(codes: CodeStore): void {
    this.#codes = codes
    this.#accounts.clear()
  }

  account(address: Address): Account | undefined {
    const known = this.#accounts.get(address)
    if (known !== undefined) return known.account
    const answers = accountRequests(address).map(({ key }) => this.cache.get(key))
    if (answers.every((answer) => answer !== undefined)) return this.#keep(address, answers)
    throw new Absent(`account ${address} of block ${this.number}`, () => this.#fetch(address))
  }

  slot(address: Address, key: Slot): bigint {
    const request = stateRequest('eth_getStorageAt', [address, key])
    const known = this.cache.get(request.key)
    if (known !== undefined) return BigInt(known as string)
    const owner = this.#accounts.get(address)
    if (owner !== undefined && owner.account === undefined) return 0n
    throw new Absent(`slot ${key} of ${address}`, async () => {
      await this.#state(request)
    })
  }

  /** For BLOCKHASH. @throws {Absent} */
  hashOf(number: bigint): Hash | undefined {
    const block = this.cache.get(blockKey(number))
    if (block !== undefined) return hashIn(block)
    throw new Absent(`block ${number}`, async () => {
      await this.block(number)
    })
  }

  /** A block up to this one, as JSON-RPC gives it without its transactions. @throws {RemoteError} */
  async block(number: bigint): Promise<Json> {
    const known = this.cache.get(blockKey(number))
    if (known !== undefined) return known
    const found = await this.remote.ask('eth_getBlockByNumber', [toQuantity(number), false])
    if (hashIn(found) === undefined) {
      throw new RemoteError(`the remote chain at ${this.remote.name} has no block ${number}`)
    }
    this.cache.set(blockKey(number), found)
    return found
  }

  async #fetch(address: Address): Promise<void> {
    const answers = await Promise.all(accountRequests(address).map((each) => this.#state(each)))
    this.#keep(address, answers)
  }

  #keep(address: Address, [balance, nonce, code]: readonly Json[]): Account | undefined {
    const bytes = hexToBytes(code as string)
    const codeHash = bytes.length === 0 ? EMPTY_CODE_HASH : keccakHash(bytes)
    if (bytes.length > 0) this.#codes?.add(new Map([[codeHash, bytes]]))
    const balanceWei = BigInt(balance as string)
    const nonceNow = BigInt(nonce as string)
    const isThere = balanceWei !== 0n || nonceNow !== 0n || bytes.length > 0
    const account = isThere ? { balanceWei, nonce: nonceNow, codeHash } : undefined
    this.#accounts.set(address, { account })
    return account
  }

  /** Something of the state, which must be bytes or a number in hex. */
  async #state({ method, params, key }: StateRequest): Promise<Json> {
    try {
      const answer = await this.remote.ask(method, [...params, this.#ref])
      const shape = method === 'eth_getCode' ? BYTES : NUMBER
      if (typeof answer !== 'string' || !shape.test(answer)) throw this.#odd(method, answer)
      this.cache.set(key, answer)
      return answer
    } catch (error) {
      throw error instanceof RemoteError ? this.#explained(error) : error
    }
  }

  #odd(method: string, answer: Json): RemoteError {
    const shown = JSON.stringify(answer)?.slice(0, 60)
    return new RemoteError(
      `the remote chain at ${this.remote.name} answers ${method} with ${shown}: expected hex`,
    )
  }

  #explained(error: RemoteError): RemoteError {
    const { fault } = error
    if (fault === undefined || !PRUNED.test(fault.message)) return error
    return new RemoteError(
      `the remote chain at ${this.remote.name} has no state of block ${this.number} (${fault.message}): ` +
        'it is no archive node; fork a newer block, or ask an archive node',
      fault,
    )
  }
}

interface StateRequest {
  readonly method: string
  readonly params: readonly string[]
  readonly key: string
}

function stateRequest(method: string, params: readonly string[]): StateRequest {
  return { method, params, key: `${method} ${params.join(' ')}` }
}

function accountRequests(address: Address): readonly StateRequest[] {
  const methods = ['eth_getBalance', 'eth_getTransactionCount', 'eth_getCode']
  return methods.map((method) => stateRequest(method, [address]))
}

/** Where a block lies in the cache. */
export function blockKey(number: bigint): string {
  return `block ${number}`
}

/** The hash of a block as JSON-RPC gives it. */
export function hashIn(block: Json): Hash | undefined {
  if (typeof block !== 'object' || block === null) return undefined
  const { hash } = block as { readonly hash?: unknown }
  return typeof hash === 'string' && /^0x[0-9a-fA-F]{64}$/.test(hash) ? parseHash(hash) : undefined
}
