import type { Hash } from '../../primitives/hex.ts'
import { asRecord, fieldsOf, mapOf } from '../../rpc/codec/decoder.ts'
import { address, bytes, hash, slot, uint256, uint64 } from '../../rpc/codec/scalar.ts'
import { invalidParams } from '../../rpc/error.ts'
import { concatBytes } from '../../primitives/bytes.ts'
import { hexToBytes } from '../../primitives/hex.ts'
import type { CodeStore } from '../../state/codes.ts'
import type { Version } from '../../state/world.ts'
import { AccountReader } from './read-accounts.ts'

/** EIP-7702: what stands before the address in the code of an account that delegates. */
const DELEGATION = Uint8Array.of(0xef, 0x01, 0x00)

const legacyCode = fieldsOf({ bytecode: bytes, original_len: uint64 })
const delegation = fieldsOf({ delegated_address: address })

/** Code as Anvil's engine holds it: padded, with what it found out of it. */
const dumpedCode = {
  schema: {},
  decode(value: unknown, path: string): Uint8Array {
    const record = asRecord(value, path)
    if ('LegacyAnalyzed' in record) {
      const where = `${path}.LegacyAnalyzed`
      const { bytecode, original_len: length } = legacyCode.decode(record['LegacyAnalyzed'], where)
      if (bytecode === undefined) throw invalidParams(`\`${where}.bytecode\`: missing`)
      return bytecode.subarray(0, Number(length ?? bytecode.length))
    }
    if ('Eip7702' in record) {
      const where = `${path}.Eip7702`
      const { delegated_address: to } = delegation.decode(record['Eip7702'], where)
      if (to === undefined) throw invalidParams(`\`${where}.delegated_address\`: missing`)
      return concatBytes(DELEGATION, hexToBytes(to))
    }
    throw invalidParams(`\`${path}\`: expected LegacyAnalyzed or Eip7702`)
  },
}

const account = fieldsOf({ balance: uint256, nonce: uint64, code: dumpedCode })
const snapshot = fieldsOf({
  accounts: mapOf(address, account),
  storage: mapOf(address, mapOf(slot, uint256)),
})

/** The whole state of a block that a dump has kept: an item of `historical_states`. @param world without accounts, where it will live */
export function readHistoricalState(
  value: unknown,
  path: string,
  codes: CodeStore,
  world: Version,
): { readonly blockHash: Hash; readonly version: Version } {
  if (!Array.isArray(value) || value.length !== 2) {
    throw invalidParams(`\`${path}\`: expected a block hash and a state`)
  }
  const blockHash = hash.decode(value[0], `${path}[0]`)
  const { accounts, storage } = snapshot.decode(value[1], `${path}[1]`)
  const reader = new AccountReader(world, codes)
  for (const [who, read] of accounts ?? []) {
    reader.balance(who, read.balance ?? 0n)
    reader.nonce(who, read.nonce ?? 0n)
    if (read.code !== undefined) reader.code(who, read.code)
    for (const [key, word] of storage?.get(who) ?? []) reader.slot(who, key, word)
  }
  return { blockHash, version: reader.finish() }
}
