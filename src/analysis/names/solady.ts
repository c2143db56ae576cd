import { bytesToBigInt, concatBytes, bigIntToFixedBytes } from '../../primitives/bytes.ts'
import { bytesToHex } from '../../primitives/hex.ts'
import type { Preimages } from './preimages.ts'
import type { Field } from './slot-names.ts'

/**
 * Places that Solady's contracts compute by hand, so that no layout has them: what they hash is a key beside a seed that the library fixes.
 * https://github.com/Vectorized/solady, `_BALANCE_SLOT_SEED` and the others.
 */

const FIXED: ReadonlyMap<bigint, readonly [name: string, type: string]> = new Map([
  [0x05345cdf77eb68f44cn, ['totalSupply', 'uint256']],
  [BigInt.asUintN(256, ~0x8b78c6d8n), ['owner', 'address']],
])

/** Twelve bytes behind an address, in 32 hashed bytes. */
const OF_ONE: ReadonlyMap<bigint, string> = new Map([
  [0x87a211a2n, 'balanceOf'],
  [0x38377508n, 'nonces'],
  [0x8b78c6d8n, 'rolesOf'],
])
const ALLOWANCE = 0x7f5e9f20n
/** The first half of ERC-721's seed lies behind a token's number, the second behind an address. */
const ERC721_OF_TOKEN = 0x7d882553n
const ERC721_OF_ADDRESS = 0x0a5a2e7a00000000n
const ERC1155 = 0x9a31110384e0b0c9n
const ADDRESS = 20

/** What a contract of Solady's keeps in the slot; undefined when none does. */
export function soladyField(preimages: Preimages, slot: bigint): Field | undefined {
  const fixed = FIXED.get(slot)
  if (fixed !== undefined) return fieldOf(fixed[0], fixed[0], fixed[1])
  const short = preimages.shortInput(slot)
  if (short !== undefined) return ofInput(short, 0n)
  const found = preimages.before(slot)
  if (found === undefined) return undefined
  const { key, parent } = found.preimage
  return ofInput(concatBytes(key, bigIntToFixedBytes(parent, 32)), found.distance)
}

function ofInput(input: Uint8Array, distance: bigint): Field | undefined {
  const number = (from: number, to?: number): bigint => bytesToBigInt(input.subarray(from, to))
  const address = (from: number): string => bytesToHex(input.subarray(from, from + ADDRESS))
  if (input.length === 32 && number(0) === ERC721_OF_TOKEN) return ofToken(distance)
  if (distance !== 0n) return undefined
  switch (input.length) {
    case 28:
      return number(ADDRESS) === ERC721_OF_ADDRESS ? entry('balanceOf', address(0)) : undefined
    case 32: {
      const name = OF_ONE.get(number(ADDRESS))
      return name === undefined ? undefined : entry(name, address(0))
    }
    case 48:
      return number(ADDRESS, 28) === ERC721_OF_ADDRESS
        ? entry('isApprovedForAll', address(0), address(28))
        : undefined
    case 52:
      if (number(ADDRESS, 32) === ALLOWANCE) return entry('allowance', address(0), address(32))
      return number(40) === ERC1155
        ? entry('isApprovedForAll', address(ADDRESS), address(0))
        : undefined
    case 64:
      return number(52) === ERC1155
        ? entry('balanceOf', address(32), String(number(0, 32)))
        : undefined
    default:
      return undefined
  }
}

/** Two slots for each token: its owner, and who may take it. */
function ofToken(distance: bigint): Field {
  const id = String(distance / 2n)
  return entry(distance % 2n === 0n ? 'ownerOf' : 'getApproved', id)
}

function entry(variable: string, ...keys: readonly string[]): Field {
  return fieldOf(`${variable}${keys.map((key) => `[${key}]`).join('')}`, variable, 'uint256')
}

function fieldOf(path: string, variable: string, type: string): Field {
  return { path, variable, offset: 0, bytes: 32, type, role: 'value' }
}
