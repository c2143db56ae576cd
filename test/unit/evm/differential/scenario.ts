import type { Executable } from '../../../../src/evm/engine.ts'
import type { Header } from '../../../../src/model/block.ts'
import { FORKS, type ForkName } from '../../../../src/model/fork.ts'
import { signAuthorization } from '../../../../src/model/signer.ts'
import type { Authorization } from '../../../../src/model/transaction.ts'
import { concatBytes } from '../../../../src/primitives/bytes.ts'
import {
  type Address,
  type Hash,
  ZERO_ADDRESS,
  bytesToHash,
  hexToBytes,
} from '../../../../src/primitives/hex.ts'
import { privateKeyToAddress } from '../../../../src/primitives/secp256k1.ts'
import {
  type Alloc,
  BENEFICIARY,
  CHAIN_ID,
  RICH,
  SENDER,
  account,
  slot,
} from '../../../contract/engine-world.ts'
import { type RandomBytes, randomBytes } from '../precompiles-random.ts'
import { type ProgramContext, deploying, randomProgram } from './program.ts'

export interface Scenario {
  readonly fork: ForkName
  readonly alloc: Alloc
  readonly tx: Executable
  /** What the block has of its own: whom it pays, what blobs cost. */
  readonly header: Partial<Header>
}

const TESTED = FORKS.filter((fork) => fork !== 'amsterdam')
const CONTRACTS = [account(0xa), account(0xb), account(0xc), account(0xd)]
const DELEGATED = account(0xde)
const EMPTY = account(0xe)
const NOBODY = account(0xf)
/** Who may delegate (EIP-7702): the second has nothing to begin with. */
const KEYS = [1, 2].map((byte) => new Uint8Array(32).fill(byte))
const AUTHORITIES = KEYS.map((key) => privateKeyToAddress(key))
const precompile = (number: number) => `0x${number.toString(16).padStart(40, '0')}` as Address

/** A state of four contracts that call each other, and a transaction on it. The same seed gives the same. */
export function scenarioOf(seed: number): Scenario {
  const random = randomBytes(seed)
  // Newer forks more often.
  const fork =
    random.below(2) === 0
      ? TESTED[random.below(TESTED.length)]!
      : TESTED[TESTED.length - 1 - random.below(6)]!
  const context: ProgramContext = { fork, addresses: addressesOf(random) }
  const alloc: Record<Address, Alloc[Address]> = {
    [EMPTY]: { balanceWei: 5n },
    [AUTHORITIES[0]!]: { balanceWei: 7n, nonce: BigInt(random.below(2)) },
  }
  if (isBorn('prague', fork)) {
    const code = delegationTo(CONTRACTS[0]!)
    alloc[DELEGATED] = { nonce: 1n, code }
    // A sender that signs for itself, and may have delegated before.
    const own = random.below(2) === 0 ? delegationTo(pick(random, context.addresses)) : undefined
    alloc[AUTHORITIES[0]!] = { balanceWei: RICH, nonce: BigInt(random.below(2)), code: own }
  }
  for (const address of CONTRACTS) {
    const storage = new Map(
      [0, 1, 2].filter(() => random.below(2) === 0).map((key) => [slot(key), 1n + BigInt(key)]),
    )
    const code = randomProgram(random, context)
    alloc[address] = { code, storage, balanceWei: BigInt(random.below(4)), nonce: 1n }
  }
  const own = alloc[AUTHORITIES[0]!]!
  const isOwn = isBorn('prague', fork) && random.below(4) === 0
  const sent = transactionOf(random, context)
  const tx = isOwn ? { ...sent, sender: AUTHORITIES[0]!, nonce: own.nonce ?? 0n } : sent
  const beneficiary = random.below(3) === 0 ? pick(random, context.addresses) : BENEFICIARY
  return { fork, alloc, tx, header: { beneficiary, excessBlobGas: BigInt(random.below(2) * 1e7) } }
}

function delegationTo(target: Address): Uint8Array {
  return concatBytes(Uint8Array.of(0xef, 0x01, 0x00), hexToBytes(target))
}

function pick<T>(random: RandomBytes, from: readonly T[]): T {
  return from[random.below(from.length)]!
}

function isBorn(fork: ForkName, now: ForkName): boolean {
  return FORKS.indexOf(fork) <= FORKS.indexOf(now)
}

function addressesOf(random: RandomBytes): readonly Address[] {
  const precompiles = [random.below(18), random.below(18), 0x100].map(precompile)
  const others = [SENDER, BENEFICIARY, EMPTY, NOBODY, DELEGATED, ...AUTHORITIES]
  return [...CONTRACTS, ...CONTRACTS, ...precompiles, ...others]
}

function transactionOf(random: RandomBytes, context: ProgramContext): Executable {
  const isCreation = random.below(6) === 0
  const program = randomProgram(random, context)
  const room = [0, 400, 5_000, 40_000, 120_000, 250_000][random.below(6)]!
  const data = isCreation
    ? random.below(2) === 0
      ? deploying(program.subarray(0, 200))
      : program
    : random.bytes(random.below(random.below(6) === 0 ? 2_000 : 70))
  // What data and a list cost at most, but for a few that are refused.
  const listGas = random.below(20) === 0 ? 0 : 68 * data.length + 4_300
  const common = {
    sender: SENDER,
    nonce: 0n,
    gasLimit: BigInt(21_000 + (isCreation ? 33_000 : 0) + listGas + room + random.below(3000)),
    to: isCreation ? null : CONTRACTS[random.below(CONTRACTS.length)]!,
    valueWei: BigInt(random.below(3) === 0 ? 2 : 0),
    data,
  }
  const accessList = [
    { address: context.addresses[random.below(9)]!, storageKeys: [slot(random.below(3))] },
  ]
  const kind = random.below(4)
  if (kind === 1 && isBorn('berlin', context.fork)) {
    return { ...common, type: 1, chainId: CHAIN_ID, gasPriceWei: 9n, accessList }
  }
  const fees = { maxFeePerGasWei: 20n, maxPriorityFeePerGasWei: 2n }
  const listed = random.below(3) === 0 ? accessList : []
  if (kind === 3 && isBorn('prague', context.fork) && common.to !== null) {
    const authorizationList = authorizationsOf(random, context)
    const gasLimit = common.gasLimit + 25_000n * BigInt(authorizationList.length)
    const to = random.below(2) === 0 ? AUTHORITIES[random.below(2)]! : common.to
    const shared = { chainId: CHAIN_ID, accessList: listed, authorizationList }
    return { ...common, ...fees, ...shared, type: 4, to, gasLimit }
  }
  if (kind === 2 && isBorn('london', context.fork)) {
    const shared = { ...common, ...fees, chainId: CHAIN_ID, accessList: listed }
    if (random.below(3) > 0 || common.to === null || !isBorn('cancun', context.fork)) {
      return { ...shared, type: 2 }
    }
    const blobs = Array.from({ length: 1 + random.below(3) }, () => blobHash(random))
    const blobFee = { blobVersionedHashes: blobs, maxFeePerBlobGasWei: BigInt(random.below(90)) }
    return { ...shared, ...blobFee, type: 3, to: common.to }
  }
  return { ...common, type: 0, chainId: undefined, gasPriceWei: 10n }
}

function blobHash(random: RandomBytes): Hash {
  return bytesToHash(concatBytes(Uint8Array.of(1), random.bytes(31)))
}

/** Right ones mostly; with a wrong nonce, chain or signature at times, and taken back at times. */
function authorizationsOf(random: RandomBytes, context: ProgramContext): Authorization[] {
  return Array.from({ length: 1 + random.below(3) }, () => {
    const key = KEYS[random.below(KEYS.length)]!
    const chainId = [CHAIN_ID, CHAIN_ID, 0n, 5n][random.below(4)]!
    const isCleared = random.below(6) === 0
    const address = isCleared
      ? ZERO_ADDRESS
      : context.addresses[random.below(context.addresses.length)]!
    const signed = signAuthorization({ chainId, address, nonce: BigInt(random.below(3)) }, key)
    return random.below(10) === 0 ? { ...signed, s: signed.s + 1n } : signed
  })
}
