import { createMPT } from '@ethereumjs/mpt'
import { MapDB, bytesToUnprefixedHex } from '@ethereumjs/util'
import { afterEach, describe, expect, it } from 'vitest'

import { loadWasmEngine } from '../../../src/evm/load.ts'
import { createSerialExecutor } from '../../../src/executor/serial.ts'
import { decodeBlock } from '../../../src/model/codec/block.ts'
import { configAtFork, rulesAt } from '../../../src/model/fork.ts'
import { createNode } from '../../../src/node/create-node.ts'
import type { HeddleNode } from '../../../src/node/node.ts'
import { bytesToBigInt, bigIntToBytes } from '../../../src/primitives/bytes.ts'
import {
  type Address,
  type Hash,
  bytesToHash,
  bytesToHex,
  hexToBytes,
  parseAddress,
  slotOf,
} from '../../../src/primitives/hex.ts'
import {
  EMPTY_CODE_HASH,
  EMPTY_ROOT,
  keccak256,
  keccakHash,
} from '../../../src/primitives/keccak.ts'
import { decodeRlp, encodeRlp } from '../../../src/primitives/rlp.ts'
import type { ChangeSet } from '../../../src/state/access.ts'
import { Overlay } from '../../../src/state/overlay.ts'
import { secureKey } from '../../../src/state/secure-key.ts'
import type { StateView } from '../../../src/state/view.ts'
import { verifyProof } from '../../../src/store/proof.ts'
import { asm } from '../../contract/engine-world.ts'

let node: HeddleNode | undefined
afterEach(() => node?.close())

interface WireWitness {
  readonly state: readonly string[]
  readonly codes: readonly string[]
  readonly keys: readonly string[]
  readonly headers: readonly string[]
}

/** Nodes by their hashes, and what can be read with them alone. */
class Nodes {
  readonly #nodes: ReadonlyMap<Hash, Uint8Array>
  readonly codes: ReadonlyMap<Hash, Uint8Array>

  constructor(witness: WireWitness) {
    const byHash = (list: readonly string[]): Map<Hash, Uint8Array> =>
      new Map(list.map((text) => [keccakHash(hexToBytes(text)), hexToBytes(text)]))
    this.#nodes = byHash(witness.state)
    this.codes = byHash(witness.codes)
  }

  /** The value under `key`. @throws {Error} when a node on the way is missing */
  read(root: Hash, key: Uint8Array): Uint8Array | undefined {
    const proof: Uint8Array[] = []
    for (let found = verifyProof(root, key, proof); ; found = verifyProof(root, key, proof)) {
      if (found.kind === 'present') return found.value
      if (found.kind === 'absent') return undefined
      const next = this.#next(root, proof, key)
      if (next === undefined) throw new Error(`a node is missing: ${found.detail}`)
      proof.push(next)
    }
  }

  /** The one node of those there are that makes the proof longer. */
  #next(root: Hash, proof: readonly Uint8Array[], key: Uint8Array): Uint8Array | undefined {
    if (proof.length === 0) return this.#nodes.get(root)
    for (const node of this.#nodes.values()) {
      const longer = verifyProof(root, key, [...proof, node])
      const isNext = longer.kind !== 'invalid' || longer.detail.includes('ends too early')
      if (isNext) return node
    }
    return undefined
  }

  async trie(root: Hash) {
    const db = new MapDB<string, string>()
    for (const [hash, node] of this.#nodes) {
      await db.put(hash.slice(2), bytesToUnprefixedHex(node))
    }
    return createMPT({ db, root: hexToBytes(root), useRootPersistence: false })
  }
}

/** Executes a block with nothing but its witness. @returns the root of the state that it leads to */
async function executeAlone(raw: string, witness: WireWitness): Promise<Hash> {
  const nodes = new Nodes(witness)
  const block = decodeBlock(hexToBytes(raw))
  if (!block.ok) throw new Error(block.error)
  const { header, transactions, withdrawals } = block.value
  const headers = witness.headers.map((text) => hexToBytes(text))
  expect(keccakHash(headers.at(-1)!)).toBe(header.parentHash)
  const numberAt = (rlp: Uint8Array): bigint => bytesToBigInt((decodeRlp(rlp) as Uint8Array[])[8]!)
  const hashes = new Map(headers.map((rlp) => [numberAt(rlp), keccakHash(rlp)]))
  const root = bytesToHash((decodeRlp(headers.at(-1)!) as Uint8Array[])[3]!)
  const leafOf = (address: Address): Uint8Array[] | undefined => {
    const leaf = nodes.read(root, secureKey(address))
    return leaf && (decodeRlp(leaf) as Uint8Array[])
  }
  const view: StateView = {
    account(address) {
      const leaf = leafOf(address)
      if (leaf === undefined) return undefined
      const [nonce, balance, , code] = leaf
      return {
        nonce: bytesToBigInt(nonce!),
        balanceWei: bytesToBigInt(balance!),
        codeHash: bytesToHash(code!),
      }
    },
    slot(address, key) {
      const storage = leafOf(address)?.[2]
      const value = storage && nodes.read(bytesToHash(storage), secureKey(key))
      return value === undefined ? 0n : bytesToBigInt(decodeRlp(value) as Uint8Array)
    },
    code(hash) {
      const code = hash === EMPTY_CODE_HASH ? new Uint8Array(0) : nodes.codes.get(hash)
      if (code === undefined) throw new Error(`a code is missing: ${hash}`)
      return code
    },
    hasStorage: (address) => {
      const storage = leafOf(address)?.[2]
      return storage !== undefined && bytesToHash(storage) !== EMPTY_ROOT
    },
  }
  const config = configAtFork('osaka', 31337n)
  const outcome = await createSerialExecutor(await loadWasmEngine()).execute(
    {
      config,
      env: {
        rules: rulesAt(config, header.number, header.timestamp),
        chainId: 31337n,
        header,
        blockHash: (number) => {
          const hash = hashes.get(number)
          if (hash === undefined) throw new Error(`the hash of block ${number} is missing`)
          return hash
        },
      },
      header,
      transactions,
      ommers: [],
      withdrawals,
      onRejection: 'stop',
      protocol: 'full',
      optionsOf: () => ({}),
    },
    view,
  )
  if (outcome.kind !== 'executed') throw new Error(outcome.kind)
  return rootAfter(nodes, root, view, outcome.changes)
}

async function rootAfter(
  nodes: Nodes,
  root: Hash,
  view: StateView,
  changes: readonly ChangeSet[],
): Promise<Hash> {
  const after = new Overlay(view)
  for (const each of changes) after.apply(each)
  const world = await nodes.trie(root)
  for (const [address, { slots = new Map() }] of after.changes.accounts) {
    const key = secureKey(address)
    const account = after.account(address)
    if (account === undefined) {
      await world.del(key)
      continue
    }
    const before = await world.get(key)
    const storageRoot =
      before === null ? EMPTY_ROOT : bytesToHash((decodeRlp(before) as Uint8Array[])[2]!)
    const storage = await nodes.trie(storageRoot)
    for (const [slot, value] of slots) {
      if (value === 0n) await storage.del(secureKey(slot))
      else await storage.put(secureKey(slot), encodeRlp(bigIntToBytes(value)))
    }
    const { nonce, balanceWei, codeHash } = account
    const fields = [bigIntToBytes(nonce), bigIntToBytes(balanceWei)]
    await world.put(key, encodeRlp([...fields, storage.root(), hexToBytes(codeHash)]))
  }
  return bytesToHash(world.root())
}

/** Clears the slots of its input's words, writes one, asks for an old block's hash, and reads another account's code. */
const WORKER = parseAddress(`0x${'c0'.repeat(20)}`)
const OTHER = parseAddress(`0x${'c1'.repeat(20)}`)
const CODE = asm(
  [
    '0x00 0x00 CALLDATALOAD SSTORE 0x00 0x20 CALLDATALOAD SSTORE 0x00 0x40 CALLDATALOAD SSTORE',
    `0x09 0x2a SSTORE 0x01 BLOCKHASH 0x2b SSTORE ${OTHER} EXTCODESIZE 0x2c SSTORE`,
    `0x00 0x00 0x00 0x00 0x01 ${OTHER} 0xffff CALL STOP`,
  ].join(' '),
)

describe('the witness of a block', () => {
  it('is enough to execute it, and to come to its state root, whatever is cleared', async () => {
    const made = await createNode({ workers: 1, artefactDirs: [], mining: { kind: 'manual' } })
    node = made
    const ask = <T = unknown>(method: string, ...params: unknown[]): Promise<T> =>
      made.request({ method, params }) as Promise<T>
    await ask('anvil_setCode', WORKER, bytesToHex(CODE))
    await ask('anvil_setCode', OTHER, bytesToHex(asm('0x00 SLOAD 0x01 SSTORE STOP')))
    await ask('anvil_setBalance', WORKER, '0x64')
    // Few enough that branches of two children are many.
    for (let slot = 0; slot < 12; slot++) {
      await ask('anvil_setStorageAt', WORKER, slotOf(BigInt(slot)), slotOf(7n))
    }
    for (let block = 0; block < 3; block++) await ask('evm_mine')
    const [from, to] = made.accounts.map(({ address }) => address)
    for (const slots of [
      [0, 1, 2],
      [3, 4, 5],
      [6, 7, 8],
      [9, 10, 11],
    ]) {
      const data = `0x${slots.map((slot) => slotOf(BigInt(slot)).slice(2)).join('')}`
      await ask('eth_sendTransaction', { from, to: WORKER, data, gas: '0x7a120' })
      await ask('eth_sendTransaction', { from: to, to: from, value: '0x1' })
      await ask('evm_mine')
      const witness = await ask<WireWitness>('debug_executionWitness', 'latest')
      const raw = await ask<string>('debug_getRawBlock', 'latest')
      const { stateRoot, number } = await ask<{ stateRoot: string; number: string }>(
        ...(['eth_getBlockByNumber', 'latest', false] as const),
      )
      expect(await executeAlone(raw, witness)).toBe(stateRoot)
      expect(witness.headers).toHaveLength(Number(number) - 1)
      expect(witness.keys).toEqual(expect.arrayContaining([WORKER, OTHER, slotOf(42n)]))
      expect(witness.codes).toContain(bytesToHex(CODE))
    }
  })

  it('has no node that may be left out, and is refused for genesis, pending and unknown blocks', async () => {
    const made = await createNode({ workers: 1, artefactDirs: [] })
    node = made
    const ask = <T = unknown>(method: string, ...params: unknown[]): Promise<T> =>
      made.request({ method, params }) as Promise<T>
    const [from, to] = made.accounts.map(({ address }) => address)
    await ask('eth_sendTransaction', { from, to, value: '0x1' })
    const witness = await ask<WireWitness>('debug_executionWitness', '0x1')
    const raw = await ask<string>('debug_getRawBlock', '0x1')
    const root = keccak256(hexToBytes(witness.state[0]!))
    const without = { ...witness, state: witness.state.slice(1) }
    expect(root).toHaveLength(32)
    await expect(executeAlone(raw, without)).rejects.toThrow(/missing/)
    await expect(ask('debug_executionWitness', '0x0')).rejects.toThrow(/genesis has no witness/)
    await expect(ask('debug_executionWitness', '0x9')).rejects.toThrow(/not found/)
    await expect(ask('debug_executionWitness', 'pending')).rejects.toThrow(/has no witness/)
  })
})
