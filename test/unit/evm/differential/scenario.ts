import type { Executable } from '../../../../src/evm/engine.ts'
import { FORKS, type ForkName } from '../../../../src/model/fork.ts'
import { concatBytes } from '../../../../src/primitives/bytes.ts'
import { type Address, hexToBytes } from '../../../../src/primitives/hex.ts'
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
  const others = [SENDER, BENEFICIARY, EMPTY, NOBODY, DELEGATED]
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
  const kind = random.below(3)
  if (kind === 1 && isBorn('berlin', context.fork)) {
    return { ...common, type: 1, chainId: CHAIN_ID, gasPriceWei: 9n, accessList }
  }
  if (kind === 2 && isBorn('london', context.fork)) {
    const fees = { maxFeePerGasWei: 20n, maxPriorityFeePerGasWei: 2n }
    return { ...common, ...fees, type: 2, chainId: CHAIN_ID, accessList: [] }
  }
  return { ...common, type: 0, chainId: undefined, gasPriceWei: 10n }
}
