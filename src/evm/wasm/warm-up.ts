import type { Header } from '../../model/block.ts'
import { BLOB_PARAMS } from '../../model/fork.ts'
import { EMPTY_BYTES } from '../../primitives/bytes.ts'
import { type Address, ZERO_ADDRESS, ZERO_HASH, hexToBytes } from '../../primitives/hex.ts'
import { EMPTY_LIST_HASH, EMPTY_ROOT, keccakHash } from '../../primitives/keccak.ts'
import type { StateView } from '../../state/view.ts'
import type { BlockEnv, Engine } from '../engine.ts'

/** 4096 turns of what contracts do most: hashes, wide arithmetic, shifts, storage, memory, jumps. A counter is at the bottom. */
const CODE = hexToBytes(
  [
    '0x6110005b', // PUSH2 4096, JUMPDEST
    '8060005260406000', // DUP1 PUSH1 0 MSTORE, PUSH1 64 PUSH1 0
    '20808202600701', // KECCAK256, DUP1 DUP3 MUL, PUSH1 7 ADD
    '8082040180828409', // DUP1 DUP3 DIV ADD, DUP1 DUP3 DUP5 MULMOD
    '8084061860031c60051b', // DUP1 DUP5 MOD XOR, PUSH1 3 SHR, PUSH1 5 SHL
    '101501602052', // LT ISZERO ADD, PUSH1 32 MSTORE
    '80600f1654600101', // DUP1 PUSH1 15 AND SLOAD, PUSH1 1 ADD
    '81600f165560205150', // DUP2 PUSH1 15 AND SSTORE, PUSH1 32 MLOAD POP
    '6001900380610003', // PUSH1 1 SWAP1 SUB, DUP1 PUSH2 3
    '5700', // JUMPI, STOP
  ].join(''),
)
const CODE_HASH = keccakHash(CODE)
const CONTRACT = '0x000000000000000000000000000000000000c0de' as Address
/** So many that V8 has compiled all of it for speed: it does so beside, and looks at what ran often. */
const ROUNDS = 12

const view: StateView = {
  account: (address) =>
    address === CONTRACT ? { nonce: 1n, balanceWei: 0n, codeHash: CODE_HASH } : undefined,
  slot: () => 0n,
  code: () => CODE,
  hasStorage: () => false,
}

const header: Header = {
  parentHash: ZERO_HASH,
  ommersHash: EMPTY_LIST_HASH,
  beneficiary: ZERO_ADDRESS,
  stateRoot: EMPTY_ROOT,
  transactionsRoot: EMPTY_ROOT,
  receiptsRoot: EMPTY_ROOT,
  logsBloom: new Uint8Array(256),
  difficulty: 0n,
  number: 1n,
  gasLimit: 30_000_000n,
  gasUsed: 0n,
  timestamp: 1n,
  extraData: EMPTY_BYTES,
  mixHash: ZERO_HASH,
  nonce: new Uint8Array(8),
  baseFeePerGasWei: 0n,
  excessBlobGas: 0n,
}

const env: BlockEnv = {
  rules: { fork: 'osaka', blob: BLOB_PARAMS.osaka },
  chainId: 1n,
  header,
  blockHash: () => undefined,
}

/**
 * Runs a loop until V8 has compiled the interpreter for speed, so that a user's first call need not wait for that. Between
 * two turns of a few milliseconds other work has its own.
 */
export async function warmUp(engine: Engine): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const outcome = await engine.transact(
      {
        type: 0,
        chainId: undefined,
        sender: ZERO_ADDRESS,
        nonce: 0n,
        gasLimit: 30_000_000n,
        gasPriceWei: 0n,
        to: CONTRACT,
        valueWei: 0n,
        data: EMPTY_BYTES,
      },
      env,
      view,
      { switches: { skipGasCap: true } },
    )
    if (outcome.kind !== 'success') throw new Error(`bug: the warm-up ends with ${outcome.kind}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
