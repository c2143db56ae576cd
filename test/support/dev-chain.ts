import { DevChain } from '../../src/chain/dev-chain.ts'
import type { BlockSettings, DevRules } from '../../src/chain/settings.ts'
import { Clock } from '../../src/chain/clock.ts'
import { devAlloc } from '../../src/chain/genesis.ts'
import type { GenesisSpec } from '../../src/chain/genesis.ts'
import { newChain } from '../../src/chain/open-chain.ts'
import type { Chain } from '../../src/chain/chain.ts'
import { loadEthereumjsEngine, loadWasmEngine } from '../../src/evm/load.ts'
import { createSerialExecutor } from '../../src/executor/serial.ts'
import { type ForkName, type NetworkName, configAtFork } from '../../src/model/fork.ts'
import { signTransaction } from '../../src/model/signer.ts'
import type { Transaction, TransactionFields } from '../../src/model/transaction.ts'
import { type Address, ZERO_ADDRESS, hexToBytes } from '../../src/primitives/hex.ts'
import { privateKeyToAddress } from '../../src/primitives/secp256k1.ts'

/** The node's own engine. */
const engine = await loadWasmEngine()
export const executor = createSerialExecutor(engine)
/** On the reference engine: what `executor` yields must be what this one yields. */
export const referenceExecutor = createSerialExecutor(await loadEthereumjsEngine())

export const CHAIN_ID = 31_337n
export const GENESIS_TIME = 1_700_000_000n
export const KEYS: readonly Uint8Array[] = [1, 2, 3, 4].map((n) =>
  hexToBytes(`0x${n.toString(16).padStart(64, '0')}`),
)
export const USERS: readonly Address[] = KEYS.map(privateKeyToAddress)
export const ETHER = 10n ** 18n
export const GWEI = 10n ** 9n

export function genesisAt(fork: ForkName, network?: NetworkName): GenesisSpec {
  return {
    config: configAtFork(fork, CHAIN_ID, network),
    alloc: devAlloc({
      fork,
      funded: new Map(USERS.map((user) => [user, 10_000n * ETHER])),
      create2Deployer: true,
    }),
    header: { number: 0n, gasLimit: 30_000_000n, timestamp: GENESIS_TIME },
  }
}

const SETTINGS: BlockSettings = {
  coinbase: ZERO_ADDRESS,
  gasLimit: 30_000_000n,
  nextBaseFeeWei: undefined,
  nextPrevRandao: undefined,
  extraData: new Uint8Array(0),
  withdrawals: [],
  minGasPriceWei: 0n,
  impersonated: new Set(),
  autoImpersonate: false,
}
const RULES: DevRules = {
  order: 'fees',
  enforceTxGasCap: false,
  unlimitedCodeSize: false,
  poolBalanceChecks: true,
  maxPoolTransactions: 1_000,
  maxBlockTransactions: Number.POSITIVE_INFINITY,
}

/** A dev chain whose real time stands still, one second after its genesis. */
export function devChain(
  options: {
    fork?: ForkName
    chain?: Chain
    rules?: Partial<DevRules>
    ready?: () => Promise<void> | undefined
  } = {},
): DevChain {
  const chain = options.chain ?? newChain(genesisAt(options.fork ?? 'osaka'), executor)
  const clock = new Clock(undefined, () => GENESIS_TIME + 1n)
  return new DevChain(chain, clock, { ...RULES, ...options.rules }, SETTINGS, options.ready)
}

type DynamicFee = Extract<TransactionFields, { type: 2 }>

/** A transfer of one wei to the last user, unless said otherwise. */
export function transferFields(nonce: bigint, fields: Partial<DynamicFee> = {}): DynamicFee {
  return {
    type: 2,
    chainId: CHAIN_ID,
    nonce,
    gasLimit: 21_000n,
    to: USERS[3]!,
    valueWei: 1n,
    data: new Uint8Array(0),
    accessList: [],
    maxFeePerGasWei: 10n * GWEI,
    maxPriorityFeePerGasWei: GWEI,
    ...fields,
  }
}

/** {@link transferFields}, signed by `USERS[from]`. */
export function transfer(
  from: number,
  nonce: bigint,
  fields: Partial<DynamicFee> = {},
): Transaction {
  return signed(from, transferFields(nonce, fields))
}

export function signed(from: number, fields: TransactionFields): Transaction {
  return signTransaction(fields, KEYS[from]!)
}

/** Submits and insists on being let in. */
export function send(dev: DevChain, ...transactions: readonly Transaction[]): void {
  for (const tx of transactions) {
    const answer = dev.submit(tx)
    if (answer.kind !== 'accepted') throw new Error(`refused: ${JSON.stringify(answer, text)}`)
  }
}

function text(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
