import { DecodeError } from '../model/codec/field.ts'
import { bigIntToFixedBytes } from '../primitives/bytes.ts'
import { type Address, type Hash, type Slot, bytesToHash } from '../primitives/hex.ts'
import { hexToBytes, parseAddress, slotOf } from '../primitives/hex.ts'
import type { GenesisAccount } from '../state/world.ts'

/** Values of the official suites' files, which write numbers loosely. */

export type Json = Readonly<Record<string, unknown>>

/** @param what names the value in the error. @throws {DecodeError} */
export function record(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
  throw new DecodeError(`${what}: expected an object`)
}

/** @param what names the value in the error. @throws {DecodeError} */
export function list(value: unknown, what?: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new DecodeError(what === undefined ? 'expected a list' : `${what}: expected a list`)
}

/** @param what names the value in the error. @throws {DecodeError} */
export function text(value: unknown, what?: string): string {
  if (typeof value === 'string') return value
  const place = what === undefined ? '' : `${what}: `
  throw new DecodeError(`${place}expected a string, got ${String(value)}`)
}

/** A number in hex or decimal; `0x` is zero. @throws {DecodeError} */
export function quantity(value: unknown): bigint {
  const digits = typeof value === 'number' ? String(value) : text(value)
  if (digits === '0x') return 0n
  if (/^(?:0x[0-9a-fA-F]+|[0-9]+)$/.test(digits)) return BigInt(digits)
  throw new DecodeError(`expected a number, got ${digits.slice(0, 80)}`)
}

/** 32 bytes, which fixtures also write as a short number. @throws {DecodeError} */
export function word(value: unknown): Hash {
  return bytesToHash(bigIntToFixedBytes(quantity(value), 32))
}

/** The accounts of a `pre` or `postState`. @throws {Error} when one is malformed. */
export function allocOf(pre: Json): Map<Address, GenesisAccount> {
  const alloc = new Map<Address, GenesisAccount>()
  for (const [address, value] of Object.entries(pre)) {
    const account = record(value, address)
    const storage = new Map<Slot, bigint>()
    for (const [key, item] of Object.entries(record(account['storage'] ?? {}, 'storage'))) {
      storage.set(slotOf(quantity(key)), quantity(item))
    }
    alloc.set(parseAddress(address), {
      nonce: quantity(account['nonce']),
      balanceWei: quantity(account['balance']),
      code: hexToBytes(text(account['code'])),
      storage,
    })
  }
  return alloc
}
