import { type ForkName, type Rules, isActive } from '../model/fork.ts'
import { networkOf } from '../model/network.ts'
import { blake2f, roundsOf } from './precompile/blake2f.ts'
import { multiplyG1Gas, multiplyG2Gas, pairBls12Gas } from './precompile/bls12-gas.ts'
import {
  addG1,
  addG2,
  bls12,
  mapToG1,
  mapToG2,
  multiplyG1,
  multiplyG2,
  pairBls12,
} from './precompile/bls12.ts'
import { addBn254, bn254, mulBn254, pairBn254 } from './precompile/bn254.ts'
import { ecrecover } from './precompile/ecrecover.ts'
import { ripemd160, sha256 } from './precompile/hashes.ts'
import { wordCount } from './precompile/input.ts'
import { evaluatePoint } from './precompile/kzg.ts'
import { modexp, modexpGas } from './precompile/modexp.ts'
import { p256, p256Verify } from './precompile/p256.ts'

/** A contract of the protocol. It reads its input and nothing else. */
export interface Precompile {
  /** As EIP-7910 and clients call it. */
  readonly name: string
  /** The fork that brought it. */
  readonly since: ForkName
  /** What a call costs; below 2^64. To be asked before `run`, which takes its time. */
  gas(input: Uint8Array, rules: Rules): bigint
  /** The output in bytes of its own, or undefined: the call fails and takes all its gas. */
  run(input: Uint8Array, rules: Rules): Uint8Array | undefined
  /** What `run` needs before, while that is not there: undefined once it is. Absent when nothing ever is. */
  readonly prepare?: () => Promise<void> | undefined
}

const TABLE: readonly (readonly [number: number, precompile: Precompile])[] = [
  [0x01, { name: 'ECREC', since: 'frontier', gas: () => 3000n, run: ecrecover }],
  [
    0x02,
    {
      name: 'SHA256',
      since: 'frontier',
      gas: (input) => 60n + 12n * wordCount(input),
      run: sha256,
    },
  ],
  [
    0x03,
    {
      name: 'RIPEMD160',
      since: 'frontier',
      gas: (input) => 600n + 120n * wordCount(input),
      run: ripemd160,
    },
  ],
  [
    0x04,
    {
      name: 'ID',
      since: 'frontier',
      gas: (input) => 15n + 3n * wordCount(input),
      run: (input) => input.slice(),
    },
  ],
  [0x05, { name: 'MODEXP', since: 'byzantium', gas: modexpGas, run: modexp }],
  [
    0x06,
    {
      name: 'BN254_ADD',
      since: 'byzantium',
      gas: (_, rules) => (isActive(rules, 'istanbul') ? 150n : 500n),
      run: addBn254,
      prepare: bn254.prepare,
    },
  ],
  [
    0x07,
    {
      name: 'BN254_MUL',
      since: 'byzantium',
      gas: (_, rules) => (isActive(rules, 'istanbul') ? 6_000n : 40_000n),
      run: mulBn254,
      prepare: bn254.prepare,
    },
  ],
  [
    0x08,
    {
      name: 'BN254_PAIRING',
      since: 'byzantium',
      gas: pairBn254Gas,
      run: pairBn254,
      prepare: bn254.prepare,
    },
  ],
  [
    0x09,
    {
      name: 'BLAKE2F',
      since: 'istanbul',
      gas: (input) => BigInt(roundsOf(input)),
      run: blake2f,
    },
  ],
  [
    0x0a,
    {
      name: 'KZG_POINT_EVALUATION',
      since: 'cancun',
      gas: () => 50_000n,
      run: evaluatePoint,
      prepare: bls12.prepare,
    },
  ],
  [0x0b, onBls12('BLS12_G1ADD', () => 375n, addG1)],
  [0x0c, onBls12('BLS12_G1MSM', multiplyG1Gas, multiplyG1)],
  [0x0d, onBls12('BLS12_G2ADD', () => 600n, addG2)],
  [0x0e, onBls12('BLS12_G2MSM', multiplyG2Gas, multiplyG2)],
  [0x0f, onBls12('BLS12_PAIRING_CHECK', pairBls12Gas, pairBls12)],
  [0x10, onBls12('BLS12_MAP_FP_TO_G1', () => 5_500n, mapToG1)],
  [0x11, onBls12('BLS12_MAP_FP2_TO_G2', () => 23_800n, mapToG2)],
  [
    0x100,
    {
      name: 'P256VERIFY',
      since: 'osaka',
      gas: () => 6_900n,
      run: p256Verify,
      prepare: p256.prepare,
    },
  ],
]

function onBls12(name: string, gas: Precompile['gas'], run: Precompile['run']): Precompile {
  return { name, since: 'prague', gas, run, prepare: bls12.prepare }
}

/** EIP-1108 since Istanbul. */
function pairBn254Gas(input: Uint8Array, rules: Rules): bigint {
  const pairs = BigInt(Math.floor(input.length / 192))
  return isActive(rules, 'istanbul') ? 45_000n + 34_000n * pairs : 100_000n + 80_000n * pairs
}

/** Every precompile of every fork, by the number that its address is. */
export const PRECOMPILES: ReadonlyMap<number, Precompile> = new Map(TABLE)

/** The precompile at `number` under `rules`. */
export function precompileAt(number: number, rules: Rules): Precompile | undefined {
  const found = PRECOMPILES.get(number)
  if (found === undefined || isActive(rules, found.since)) return found
  return networkOf(rules).earlyPrecompiles.includes(number) ? found : undefined
}

/** What a call of the precompile at `number` costs under `rules`. */
export function precompileGas(number: number, input: Uint8Array, rules: Rules): bigint {
  const gas = PRECOMPILES.get(number)!.gas(input, rules)
  const factor = networkOf(rules).precompilePrices[number]
  return factor === undefined ? gas : factor * gas
}
