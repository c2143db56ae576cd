import fc from 'fast-check'

import type { BlockInput } from '../../src/executor/executor.ts'
import type { Header } from '../../src/model/block.ts'
import { type ForkName, type NetworkName, configAtFork, rulesAt } from '../../src/model/fork.ts'
import { create2Address } from '../../src/model/create-address.ts'
import { reserveSpenders } from '../../src/chain/reserve-spenders.ts'
import type { Transaction, TransactionFields } from '../../src/model/transaction.ts'
import { signAuthorization } from '../../src/model/signer.ts'
import { EMPTY_BYTES } from '../../src/primitives/bytes.ts'
import { type Address, type Slot, ZERO_HASH, hexToBytes, slotOf } from '../../src/primitives/hex.ts'
import { EMPTY_LIST_HASH, EMPTY_ROOT, keccakHash } from '../../src/primitives/keccak.ts'
import { privateKeyToAddress } from '../../src/primitives/secp256k1.ts'
import { CodeStore } from '../../src/state/codes.ts'
import type { StateView } from '../../src/state/view.ts'
import {
  type GenesisAccount,
  type Version,
  versionFromGenesis,
  viewOf,
} from '../../src/state/world.ts'
import { CHILD, type Statement, compile } from './law-program.ts'

/** A block and the state it is on, in numbers: a case can be written down. */
export interface LawCase {
  readonly fork: ForkName
  /** Whose rules change the fork's; Ethereum's when there is none. */
  readonly network?: NetworkName | undefined
  readonly contracts: readonly (readonly Statement[])[]
  readonly txs: readonly TxDraft[]
  /** Who gets the fees: nobody that is known, the first sender, the first contract, or the poorest sender. */
  readonly beneficiary: 'nobody' | 'sender' | 'contract' | 'poor'
  readonly onRejection: 'skip' | 'stop'
  readonly gasLimit: number
}

export interface TxDraft {
  readonly from: number
  /** A place in `addressesOf`; undefined for a creation. */
  readonly to?: number
  readonly wei: number
  readonly gas: number
  /** Added to the nonce that is right. */
  readonly nonceOff?: number
  /** Delegates its authority, by number, to a contract (EIP-7702). */
  readonly delegates?: { readonly authority: number; readonly contract: number }
  readonly lists?: readonly number[]
}

const SENDERS = 6
const KEYS = Array.from({ length: SENDERS }, (_, n) =>
  hexToBytes(`0x${(n + 1).toString(16).padStart(64, '0')}`),
)
const SENDER_ADDRESSES = KEYS.map(privateKeyToAddress)
const CONTRACTS = Array.from({ length: 8 }, (_, n) => addressOf(0xc0de00 + n))
const STRANGERS = [addressOf(0xee01), addressOf(0xee02)]
const NOBODY = addressOf(0xfee)
/** What the first two contracts create with a salt of 0 or 1. */
const CHILDREN = CONTRACTS.slice(0, 2).flatMap((creator) =>
  [0, 1].map((salt) => create2Address(creator, hexToBytes(slotOf(BigInt(salt))), CHILD)),
)
/** Whom programs and transactions name by number. */
const ADDRESSES: readonly Address[] = [
  ...CONTRACTS,
  ...SENDER_ADDRESSES,
  ...STRANGERS,
  NOBODY,
  ...CHILDREN,
]
export const FIRST_SENDER = CONTRACTS.length
export const FIRST_STRANGER = FIRST_SENDER + SENDERS
export const NOBODY_AT = FIRST_STRANGER + STRANGERS.length
export const FIRST_CHILD = NOBODY_AT + 1
const RICH = 10n ** 18n
/** Enough for one transaction or two, if somebody adds to it. */
const POOR = 3_000_000n
const CHAIN_ID = 31_337n

function addressOf(n: number): Address {
  return `0x${n.toString(16).padStart(40, '0')}` as Address
}

export interface OpenedCase {
  readonly block: BlockInput
  readonly version: Version
  readonly codes: CodeStore
  readonly view: StateView
}

/** A state that blocks led to. */
export type Grown = Pick<OpenedCase, 'version' | 'codes'>

/** The block and state that a case describes. @param on instead of the case's own state, the one that an earlier case led to */
export function openCase(it: LawCase, on?: Grown): OpenedCase {
  const accounts = new Map<Address, GenesisAccount>()
  for (const [n, address] of SENDER_ADDRESSES.entries()) {
    accounts.set(address, { balanceWei: n === SENDERS - 1 ? POOR : RICH })
  }
  for (const [n, program] of it.contracts.entries()) {
    const storage = new Map<Slot, bigint>(
      [0, 1, 2, 3].map((key) => [slotOf(BigInt(key)), BigInt(key * 7 + n)]),
    )
    const code = compile(program, ADDRESSES)
    accounts.set(CONTRACTS[n]!, { balanceWei: 1_000n, nonce: 1n, code, storage })
  }
  const codes = on?.codes ?? new CodeStore()
  const version = on?.version ?? versionFromGenesis(accounts, codes)
  const config = configAtFork(it.fork, CHAIN_ID, it.network)
  const rules = rulesAt(config, 1_000n, HEADER.timestamp)
  const header = {
    ...HEADER,
    gasLimit: BigInt(it.gasLimit),
    beneficiary: {
      nobody: NOBODY,
      sender: SENDER_ADDRESSES[0]!,
      contract: CONTRACTS[0]!,
      poor: SENDER_ADDRESSES.at(-1)!,
    }[it.beneficiary],
  }
  const transactions = transactionsOf(it, viewOf(version, codes))
  const env = {
    rules,
    maySpendReserve: reserveSpenders(rules, () => [], transactions),
    chainId: CHAIN_ID,
    header,
    blockHash: (number: bigint) =>
      keccakHash(hexToBytes(`0x${number.toString(16).padStart(64, '0')}`)),
  }
  const block: BlockInput = {
    config,
    env,
    header,
    transactions,
    stateId: version,
    ommers: [],
    withdrawals: undefined,
    onRejection: it.onRejection,
    protocol: 'none',
  }
  return { block, version, codes, view: viewOf(version, codes) }
}

function transactionsOf({ txs, fork }: LawCase, view: StateView): Transaction[] {
  const nonces = SENDER_ADDRESSES.map((address) => view.account(address)?.nonce ?? 0n)
  return txs.map((draft, index) => {
    const from = draft.from % SENDERS
    const nonce = nonces[from]! + BigInt(draft.nonceOff ?? 0)
    if (draft.nonceOff === undefined) nonces[from]! += 1n
    const fields = {
      chainId: CHAIN_ID,
      nonce: nonce < 0n ? 0n : nonce,
      gasLimit: BigInt(draft.gas),
      to: draft.to === undefined ? null : ADDRESSES[draft.to % ADDRESSES.length]!,
      valueWei: BigInt(draft.wei),
      data: draft.to === undefined ? CREATION : EMPTY_BYTES,
      accessList: (draft.lists ?? []).map((n) => ({
        address: CONTRACTS[n % CONTRACTS.length]!,
        storageKeys: [slotOf(0n), slotOf(BigInt(n % 4))],
      })),
      maxFeePerGasWei: 20n,
      maxPriorityFeePerGasWei: 3n,
    }
    const sender = SENDER_ADDRESSES[from]!
    const { delegates } = draft
    const withList: TransactionFields =
      delegates === undefined || fields.to === null || fork === 'shanghai'
        ? { type: 2, ...fields }
        : {
            type: 4,
            ...fields,
            to: fields.to,
            authorizationList: [authorization(delegates, nonces, from)],
          }
    const hash = keccakHash(Uint8Array.of(index & 0xff, index >> 8))
    return { ...withList, sender, hash, raw: EMPTY_BYTES, signature: SIGNATURE }
  })
}

/** The nonce is the authority's at that moment, if nothing before it failed. */
function authorization(
  { authority, contract }: NonNullable<TxDraft['delegates']>,
  nonces: bigint[],
  _from: number,
): ReturnType<typeof signAuthorization> {
  const who = authority % SENDERS
  const nonce = nonces[who]!
  nonces[who]! += 1n
  const address = CONTRACTS[contract % CONTRACTS.length]!
  return signAuthorization({ chainId: CHAIN_ID, address, nonce }, KEYS[who]!)
}

const SIGNATURE = { r: 0n, s: 0n, yParity: 0 } as unknown as Transaction['signature']
/** Stores something, and deploys a contract that adds one to its first slot. */
const CREATION = hexToBytes(
  '0x600a600055600160005401600055600a601a600039600a6000f360016000540160005500',
)

const HEADER: Header = {
  parentHash: ZERO_HASH,
  ommersHash: EMPTY_LIST_HASH,
  beneficiary: NOBODY,
  stateRoot: EMPTY_ROOT,
  transactionsRoot: EMPTY_ROOT,
  receiptsRoot: EMPTY_ROOT,
  logsBloom: new Uint8Array(256),
  difficulty: 0n,
  number: 1_000n,
  gasLimit: 30_000_000n,
  gasUsed: 0n,
  timestamp: 1_800_000_000n,
  extraData: EMPTY_BYTES,
  mixHash: keccakHash(EMPTY_BYTES),
  nonce: new Uint8Array(8),
  baseFeePerGasWei: 7n,
  excessBlobGas: 0n,
}

const key = fc.nat({ max: 3 })
const who = fc.nat({ max: ADDRESSES.length - 1 })
const statement: fc.Arbitrary<Statement> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      key,
      from: key,
      add: fc.nat({ max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('balance' as const, 'codeHash' as const, 'codeSize' as const),
      key,
      of: who,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('selfBalance' as const, 'coinbaseBalance' as const, 'blockHash' as const),
      key,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pay' as const), to: who, wei: fc.nat({ max: 900 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('revertIfOdd' as const), key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('turn' as const), key }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('create' as const),
      wei: fc.nat({ max: 5 }),
      salt: fc.nat({ max: 1 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('create' as const), wei: fc.nat({ max: 5 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('destruct' as const), to: who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('log' as const), key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('transient' as const), key, from: key }) },
)

const draft: fc.Arbitrary<TxDraft> = fc.record(
  {
    from: fc.nat({ max: SENDERS - 1 }),
    to: who,
    wei: fc.oneof(fc.constant(0), fc.nat({ max: 2_000 }), fc.constant(1_000_000)),
    gas: fc.constantFrom(21_000, 30_000, 45_000, 60_000, 100_000, 250_000, 1_000_000),
    nonceOff: fc.constantFrom(1, -1),
    delegates: fc.record({ authority: fc.nat({ max: SENDERS - 1 }), contract: fc.nat({ max: 5 }) }),
    lists: fc.array(fc.nat({ max: 5 }), { maxLength: 2 }),
  },
  { requiredKeys: ['from', 'wei', 'gas'] },
)

/** Most transactions have a right nonce, a recipient and no authorisation. */
const likely = draft.chain((it) =>
  fc.nat({ max: 9 }).map((die): TxDraft => {
    const { nonceOff, delegates, to, ...rest } = it
    return {
      ...rest,
      ...(die > 0 || to === undefined ? { to: to ?? 0 } : {}),
      ...(die === 1 && nonceOff !== undefined ? { nonceOff } : {}),
      ...(die === 2 && delegates !== undefined ? { delegates } : {}),
    }
  }),
)

const rules: fc.Arbitrary<Pick<LawCase, 'fork' | 'network'>> = fc.constantFrom(
  { fork: 'osaka' },
  { fork: 'osaka' },
  { fork: 'osaka', network: 'monad:ten' },
  { fork: 'prague', network: 'megaeth:rex5' },
  { fork: 'shanghai' },
)

const caseAtFork = fc.record({
  contracts: fc.array(fc.array(statement, { minLength: 1, maxLength: 5 }), {
    minLength: 1,
    maxLength: 6,
  }),
  txs: fc.array(likely, { minLength: 1, maxLength: 24, size: 'max' }),
  beneficiary: fc.constantFrom(
    'nobody' as const,
    'nobody' as const,
    'sender' as const,
    'contract' as const,
    'poor' as const,
  ),
  onRejection: fc.constantFrom('skip' as const, 'skip' as const, 'stop' as const),
  gasLimit: fc.constantFrom(30_000_000, 30_000_000, 1_050_000),
})

/** Any case. */
export const lawCase: fc.Arbitrary<LawCase> = fc
  .tuple(rules, caseAtFork)
  .map(([by, rest]) => ({ ...by, ...rest }))
