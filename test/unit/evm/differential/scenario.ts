import type { Executable } from '../../../../src/evm/engine.ts'
import { FORKS, type ForkName } from '../../../../src/model/fork.ts'
import { signAuthorization } from '../../../../src/model/signer.ts'
import type { Authorization } from '../../../../src/model/transaction.ts'
import { concatBytes } from '../../../../src/primitives/bytes.ts'
import { type Address, ZERO_ADDRESS, hexToBytes } from '../../../../src/primitives/hex.ts'
import { privateKeyToAddress } from '../../../../src/primitives/secp256k1.ts'
import {
  type Alloc,
  BENEFICIARY,
  CHAIN_ID,
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
    const code = concatBytes(Uint8Array.of(0xef, 0x01, 0x00), hexToBytes(CONTRACTS[0]!))
    alloc[DELEGATED] = { nonce: 1n, code }
  }
  for (const address of CONTRACTS) {
    const storage = new Map(
      [0, 1, 2].filter(() => random.below(2) === 0).map((key) => [slot(key), 1n + BigInt(key)]),
    )
    const code = randomProgram(random, context)
    alloc[address] = { code, storage, balanceWei: BigInt(random.below(4)), nonce: 1n }
  }
  return { fork, alloc, tx: transactionOf(random, context) }
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
  const common = {
    sender: SENDER,
    nonce: 0n,
    gasLimit: BigInt(21_000 + (isCreation ? 40_000 : 0) + room + random.below(3000)),
    to: isCreation ? null : CONTRACTS[random.below(CONTRACTS.length)]!,
    valueWei: BigInt(random.below(3) === 0 ? 2 : 0),
    data: isCreation
      ? random.below(2) === 0
        ? deploying(program.subarray(0, 200))
        : program
      : random.bytes(random.below(70)),
  }
  const accessList = [
    { address: context.addresses[random.below(9)]!, storageKeys: [slot(random.below(3))] },
  ]
  const kind = random.below(4)
  if (kind === 1 && isBorn('berlin', context.fork)) {
    return { ...common, type: 1, chainId: CHAIN_ID, gasPriceWei: 9n, accessList }
  }
  const fees = { maxFeePerGasWei: 20n, maxPriorityFeePerGasWei: 2n }
  if (kind === 3 && isBorn('prague', context.fork) && common.to !== null) {
    const authorizationList = authorizationsOf(random, context)
    const gasLimit = common.gasLimit + 25_000n * BigInt(authorizationList.length)
    const to = random.below(2) === 0 ? AUTHORITIES[random.below(2)]! : common.to
    const shared = { chainId: CHAIN_ID, accessList: [], authorizationList }
    return { ...common, ...fees, ...shared, type: 4, to, gasLimit }
  }
  if (kind === 2 && isBorn('london', context.fork)) {
    return { ...common, ...fees, type: 2, chainId: CHAIN_ID, accessList: [] }
  }
  return { ...common, type: 0, chainId: undefined, gasPriceWei: 10n }
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
