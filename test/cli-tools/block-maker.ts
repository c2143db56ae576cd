import type { Chain } from '../../src/chain/chain.ts'
import { newChain } from '../../src/chain/open-chain.ts'
import { predeploys } from '../../src/chain/predeploys.ts'
import { configOfNetwork, forkNamed } from '../../src/cli/tool-forks.ts'
import { loadEthereumjsEngine } from '../../src/evm/load.ts'
import type { Executor } from '../../src/executor/executor.ts'
import { createSerialExecutor } from '../../src/executor/serial.ts'
import { encodeBlock } from '../../src/model/codec/block.ts'
import { headerHash } from '../../src/model/codec/header.ts'
import type { Block } from '../../src/model/block.ts'
import { signTransaction } from '../../src/model/signer.ts'
import type { Transaction } from '../../src/model/transaction.ts'
import { bigIntToFixedBytes } from '../../src/primitives/bytes.ts'
import { type Address, bytesToHex } from '../../src/primitives/hex.ts'
import { privateKeyToAddress } from '../../src/primitives/secp256k1.ts'
import type { GenesisAccount } from '../../src/state/world.ts'

/** Makes block tests as the official suites have them, from blocks of a chain of our own. */

const KEY = bigIntToFixedBytes(0xb0bn, 32)
const SENDER = privateKeyToAddress(KEY)
const RECEIVER = `0x${'11'.repeat(20)}` as Address
const MINER = `0x${'22'.repeat(20)}` as Address

export const executor: Executor = createSerialExecutor(await loadEthereumjsEngine())

export type TestJson = {
  network: string
  config?: unknown
  pre: Record<string, unknown>
  genesisRLP: string
  genesisBlockHeader: { hash: string }
  blocks: BlockJson[]
  lastblockhash: string
}
export type BlockJson = { rlp: string; blockHeader?: unknown; expectException?: string }

/** A transfer of `valueWei`. */
export function transfer(
  nonce: bigint,
  valueWei = 1n,
  gasLimit = 21_000n,
  to: Address = RECEIVER,
): Transaction {
  return signTransaction(
    {
      type: 0,
      chainId: undefined,
      nonce,
      gasPriceWei: 10n ** 10n,
      gasLimit,
      to,
      valueWei,
      data: new Uint8Array(0),
    },
    KEY,
  )
}

/** A chain of one genesis under `network`'s rules; the sender of {@link transfer} has an ether. @param difficulty of the first block */
export function startChain(network: string, difficulty = 0n): Chain {
  const target = /To(\w+?)At/.exec(network)?.[1] ?? network
  const alloc = new Map<Address, GenesisAccount>([[SENDER, { balanceWei: 10n ** 18n }]])
  for (const { address, code } of predeploys(forkNamed(target), false)) {
    alloc.set(address, { balanceWei: 0n, nonce: 1n, code })
  }
  return newChain(
    {
      config: configOfNetwork(network, {}),
      alloc,
      header: { number: 0n, gasLimit: 30_000_000n, timestamp: 14_000n, difficulty },
    },
    executor,
  )
}

/** Mines the next block at `timestamp` in seconds. */
export async function mine(
  chain: Chain,
  timestamp: bigint,
  transactions: readonly Transaction[] = [],
): Promise<Block> {
  const built = await chain.build(
    { timestamp, beneficiary: MINER, gasLimit: 30_000_000n },
    { transactions },
  )
  return chain.commit(built).block
}

/** A block that is as `block` but for what `change` does to its header. */
export function spoiled(block: Block, change: Partial<Block['header']>): Block {
  const header = { ...block.header, ...change }
  return { ...block, header, hash: headerHash(header) }
}

export function valid(block: Block): BlockJson {
  return { rlp: rlpOf(block), blockHeader: { hash: block.hash } }
}

export function invalid(rlp: string, expectException: string): BlockJson {
  return { rlp, expectException }
}

export function rlpOf(block: Block): string {
  return bytesToHex(encodeBlock(block))
}

/** The fixture of a chain: its genesis, the given blocks in the order of their arrival, and its head. */
export function fixtureOf(chain: Chain, network: string, blocks: BlockJson[]): TestJson {
  const genesis = chain.history.genesis
  const pre: Record<string, unknown> = {}
  const target = /To(\w+?)At/.exec(network)?.[1] ?? network
  for (const { address, code } of predeploys(forkNamed(target), false)) {
    pre[address] = { balance: '0x00', nonce: '0x01', code: bytesToHex(code), storage: {} }
  }
  pre[SENDER] = { balance: '0x0de0b6b3a7640000', nonce: '0x00', code: '0x', storage: {} }
  return {
    network,
    pre,
    genesisRLP: rlpOf(genesis.block),
    genesisBlockHeader: { hash: genesis.block.hash },
    blocks,
    lastblockhash: chain.head.block.hash,
  }
}
