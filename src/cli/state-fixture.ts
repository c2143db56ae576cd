import type { Header } from '../model/block.ts'
import type { Rules } from '../model/fork.ts'
import { openTransaction } from '../model/signer.ts'
import type { AccessList, Authorization, TransactionFields } from '../model/transaction.ts'
import { EMPTY_BYTES } from '../primitives/bytes.ts'
import {
  type Address,
  type Hash,
  type Slot,
  ZERO_HASH,
  hexToBytes,
  parseAddress,
  parseHash,
  slotOf,
} from '../primitives/hex.ts'
import { EMPTY_LIST_HASH, EMPTY_ROOT } from '../primitives/keccak.ts'
import { privateKeyToAddress } from '../primitives/secp256k1.ts'
import type { Executable } from '../evm/engine.ts'
import type { GenesisAccount } from '../state/world.ts'
import { rulesOfNetwork } from './tool-forks.ts'
import { type Json, allocOf, list, quantity, record, text, word } from './tool-json.ts'

/** The official GeneralStateTests: a state, one transaction in many variants, and what each fork makes of it. */

/** One variant under one fork. */
export interface StateCase {
  readonly name: string
  /** As the fixture names it: `ConstantinopleFix`. */
  readonly fork: string
  /** Its place in `post[fork]`. */
  readonly index: number
  /** Reads the rest. @throws {Error} when the fixture is malformed or the fork is unknown. */
  open(): StateTest
}

export interface StateTest {
  readonly rules: Rules
  readonly chainId: bigint
  readonly header: Header
  readonly alloc: ReadonlyMap<Address, GenesisAccount>
  /** An error when its bytes are no transaction, which counts as a rejection. */
  readonly transaction:
    | { readonly ok: true; readonly value: Executable }
    | { readonly ok: false; readonly error: string }
  readonly expected: {
    readonly stateRoot: Hash
    readonly logsHash: Hash
    /** The transaction must be rejected; which of the names applies is not compared. */
    readonly exception: string | undefined
  }
}

/** Every variant in a fixture file, in its order. @throws {DecodeError} when the file is no such fixture. */
export function stateCases(json: unknown): StateCase[] {
  const cases: StateCase[] = []
  for (const [name, test] of Object.entries(record(json, 'the file'))) {
    const body = record(test, name)
    for (const [fork, variants] of Object.entries(record(body['post'], `${name}: post`))) {
      for (const [index, variant] of list(variants, `${name}: post.${fork}`).entries()) {
        cases.push({ name, fork, index, open: () => openTest(body, fork, record(variant, 'post')) })
      }
    }
  }
  return cases
}

function openTest(body: Json, fork: string, variant: Json): StateTest {
  const config = record(body['config'] ?? {}, 'config')
  const chainId = quantity(config['chainid'] ?? config['chainId'] ?? '0x1')
  const rules = rulesOfNetwork(fork, config)
  const env = record(body['env'], 'env')
  const exception = variant['expectException']
  return {
    rules,
    chainId,
    header: headerOf(env, rules),
    alloc: allocOf(record(body['pre'], 'pre')),
    transaction: transactionOf(record(body['transaction'], 'transaction'), variant, chainId),
    expected: {
      stateRoot: parseHash(text(variant['hash'])),
      logsHash: parseHash(text(variant['logs'])),
      exception: typeof exception === 'string' && exception !== '' ? exception : undefined,
    },
  }
}

/** What a state test does not name is as in an empty block. */
function headerOf(env: Json, rules: Rules): Header {
  const random = env['currentRandom']
  const baseFee = env['currentBaseFee']
  return {
    parentHash: ZERO_HASH,
    ommersHash: EMPTY_LIST_HASH,
    beneficiary: parseAddress(text(env['currentCoinbase'])),
    stateRoot: EMPTY_ROOT,
    transactionsRoot: EMPTY_ROOT,
    receiptsRoot: EMPTY_ROOT,
    logsBloom: new Uint8Array(256),
    difficulty: quantity(env['currentDifficulty'] ?? '0x0'),
    number: quantity(env['currentNumber']),
    gasLimit: quantity(env['currentGasLimit']),
    gasUsed: 0n,
    timestamp: quantity(env['currentTimestamp']),
    extraData: EMPTY_BYTES,
    mixHash: random === undefined ? ZERO_HASH : word(random),
    nonce: new Uint8Array(8),
    baseFeePerGasWei: baseFee === undefined ? undefined : quantity(baseFee),
    excessBlobGas: rules.blob && quantity(env['currentExcessBlobGas'] ?? '0x0'),
  }
}

function transactionOf(tx: Json, variant: Json, chainId: bigint): StateTest['transaction'] {
  const raw = variant['txbytes']
  if (typeof raw === 'string' && raw !== '0x') return openTransaction(hexToBytes(raw))
  try {
    return { ok: true, value: assemble(tx, record(variant['indexes'], 'indexes'), chainId) }
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) }
  }
}

function assemble(tx: Json, indexes: Json, chainId: bigint): Executable {
  const pick = (field: string, by: string): unknown => list(tx[field])[Number(indexes[by])]
  const to = text(tx['to'] ?? '')
  const sender =
    tx['sender'] === undefined
      ? privateKeyToAddress(hexToBytes(text(tx['secretKey'])))
      : parseAddress(text(tx['sender']))
  const common = {
    nonce: quantity(tx['nonce']),
    gasLimit: quantity(pick('gasLimit', 'gas')),
    to: to === '' || to === '0x' ? null : parseAddress(to),
    valueWei: quantity(pick('value', 'value')),
    data: hexToBytes(text(pick('data', 'data'))),
    chainId,
    sender,
  }
  // A variant without a list says null.
  const listed = (tx['accessLists'] && pick('accessLists', 'data')) ?? undefined
  return {
    ...common,
    ...feesOf(tx, accessListOf(listed ?? []), listed !== undefined),
  } as Executable
}

/** What tells the types apart. */
function feesOf(tx: Json, accessList: AccessList, isListed: boolean): Partial<TransactionFields> {
  if (tx['maxFeePerGas'] === undefined) {
    const gasPriceWei = quantity(tx['gasPrice'])
    return isListed ? { type: 1, gasPriceWei, accessList } : { type: 0, gasPriceWei }
  }
  const market = {
    accessList,
    maxFeePerGasWei: quantity(tx['maxFeePerGas']),
    maxPriorityFeePerGasWei: quantity(tx['maxPriorityFeePerGas']),
  }
  if (tx['authorizationList'] !== undefined) {
    const authorizationList = list(tx['authorizationList']).map(authorizationOf)
    return { type: 4, ...market, authorizationList }
  }
  if (tx['maxFeePerBlobGas'] === undefined) return { type: 2, ...market }
  return {
    type: 3,
    ...market,
    maxFeePerBlobGasWei: quantity(tx['maxFeePerBlobGas']),
    blobVersionedHashes: list(tx['blobVersionedHashes']).map((hash) => parseHash(text(hash))),
  }
}

function accessListOf(value: unknown): AccessList {
  return list(value).map((item) => {
    const { address, storageKeys } = record(item, 'accessList')
    return { address: parseAddress(text(address)), storageKeys: list(storageKeys).map(slotAt) }
  })
}

function authorizationOf(value: unknown): Authorization {
  const item = record(value, 'authorizationList')
  return {
    chainId: quantity(item['chainId']),
    address: parseAddress(text(item['address'])),
    nonce: quantity(item['nonce']),
    yParity: quantity(item['yParity'] ?? item['v']),
    r: quantity(item['r']),
    s: quantity(item['s']),
  }
}

function slotAt(value: unknown): Slot {
  return slotOf(quantity(value))
}
