import { bytesToBigInt } from '../../primitives/bytes.ts'
import { bytesToHex } from '../../primitives/hex.ts'
import { type Layout, type LayoutType, type LayoutVariable, slotsOf } from './layout.ts'
import type { Preimages } from './preimages.ts'

/** A variable, member or element that lies in a slot, all of it or a part. */
export interface Field {
  /** `balanceOf[0xab..]`, `orders.length`, `orders[3].maker` */
  readonly path: string
  /** The state variable that it is of: `orders`. */
  readonly variable: string
  /** Bytes from the low end of the slot. */
  readonly offset: number
  readonly bytes: number
  /** As Solidity writes it: `uint64`. */
  readonly type: string
  readonly role: 'value' | 'arrayLength' | 'bytes'
}

/** A value of a type, and the part of it that is looked for: so many slots behind its first. */
interface Place {
  readonly path: string
  readonly variable: string
  readonly type: LayoutType
  readonly offset: number
  readonly at: bigint
}

/** More is nested than any contract nests. */
const MAX_DEPTH = 24

/** What lies in the slot `key` of a contract with this layout; nothing when the layout does not reach it. */
export function fieldsAt(layout: Layout, preimages: Preimages, key: bigint): readonly Field[] {
  return placesAt(layout, preimages, key, 0).flatMap((place) => fieldsOf(layout, place, 0))
}

function placesAt(
  layout: Layout,
  preimages: Preimages,
  key: bigint,
  depth: number,
): readonly Place[] {
  const own = layout.variables.filter((variable) => covers(layout, variable, key))
  if (own.length > 0) {
    return own.map((variable) => ({
      path: variable.label,
      variable: variable.label,
      type: layout.types.get(variable.type)!,
      offset: variable.offset,
      at: key - variable.slot,
    }))
  }
  const found = preimages.before(key)
  if (found === undefined || depth >= MAX_DEPTH) return []
  const { preimage, distance } = found
  const holders = placesAt(layout, preimages, preimage.parent, depth + 1)
  return holders
    .flatMap((place) => holdersIn(layout, place, 0))
    .flatMap(({ path, variable, type }) => {
      if (type.kind === 'mapping' && preimage.key.length > 0) {
        const value = layout.types.get(type.value)!
        const entry = `${path}[${keyText(layout.types.get(type.key)!, preimage.key)}]`
        if (distance >= slotsOf(value)) return []
        return [{ path: entry, variable, type: value, offset: 0, at: distance }]
      }
      if (preimage.key.length > 0) return []
      if (type.kind === 'dynamicArray')
        return elementsAt(layout, path, variable, type.base, distance)
      if (type.kind !== 'bytes') return []
      const bytes: LayoutType = { kind: 'value', label: type.label, bytes: 32 }
      return [
        { path: `${path} (bytes ${distance * 32n}..)`, variable, type: bytes, offset: 0, at: 0n },
      ]
    })
}

function covers(layout: Layout, { slot, type }: LayoutVariable, key: bigint): boolean {
  return key >= slot && key < slot + slotsOf(layout.types.get(type)!)
}

/** The mappings, arrays and byte strings whose own slot the place is. */
function holdersIn(layout: Layout, place: Place, depth: number): readonly Place[] {
  const { type } = place
  if (type.kind === 'value' || depth >= MAX_DEPTH) return []
  if (type.kind === 'struct' || type.kind === 'fixedArray') {
    return partsOf(layout, place).flatMap((part) => holdersIn(layout, part, depth + 1))
  }
  return [place]
}

function fieldsOf(layout: Layout, place: Place, depth: number): readonly Field[] {
  const { path, variable, type, offset } = place
  if (depth >= MAX_DEPTH) return []
  switch (type.kind) {
    case 'struct':
    case 'fixedArray':
      return partsOf(layout, place).flatMap((part) => fieldsOf(layout, part, depth + 1))
    case 'value':
      return [
        {
          path,
          variable,
          offset,
          bytes: Math.min(type.bytes, 32),
          type: type.label,
          role: 'value',
        },
      ]
    case 'bytes':
      return [{ path, variable, offset: 0, bytes: 32, type: type.label, role: 'bytes' }]
    case 'dynamicArray': {
      const length = `${path}.length`
      return [
        { path: length, variable, offset: 0, bytes: 32, type: 'uint256', role: 'arrayLength' },
      ]
    }
    case 'mapping':
      return [{ path, variable, offset: 0, bytes: 32, type: type.label, role: 'value' }]
  }
}

/** The members or elements of a place that lie in the slot that is looked for. */
function partsOf(layout: Layout, place: Place): readonly Place[] {
  const { path, variable, type, at } = place
  if (type.kind === 'fixedArray') {
    const elements = elementsAt(layout, path, variable, type.base, at)
    return elements.filter(
      (_element, n) => indexAt(layout, type.base, at) + BigInt(n) < type.length,
    )
  }
  if (type.kind !== 'struct') return []
  return type.members
    .filter((member) => covers(layout, member, at))
    .map((member) => ({
      path: `${path}.${member.label}`,
      variable,
      type: layout.types.get(member.type)!,
      offset: member.offset,
      at: at - member.slot,
    }))
}

/** Elements never straddle a slot: short ones share it, others begin one. */
function elementsAt(
  layout: Layout,
  path: string,
  variable: string,
  base: string,
  at: bigint,
): readonly Place[] {
  const type = layout.types.get(base)!
  const first = indexAt(layout, base, at)
  if (type.bytes > 16 || type.kind !== 'value') {
    const inside = at - first * slotsOf(type)
    return [{ path: `${path}[${first}]`, variable, type, offset: 0, at: inside }]
  }
  return Array.from({ length: Math.floor(32 / type.bytes) }, (_, n) => ({
    path: `${path}[${first + BigInt(n)}]`,
    variable,
    type,
    offset: n * type.bytes,
    at: 0n,
  }))
}

/** The first element in the slot `at` of an array's data. */
function indexAt(layout: Layout, base: string, at: bigint): bigint {
  const type = layout.types.get(base)!
  if (type.bytes > 16 || type.kind !== 'value') return at / slotsOf(type)
  return at * BigInt(Math.floor(32 / type.bytes))
}

/** A mapping's key as its type shows it. */
function keyText(type: LayoutType, key: Uint8Array): string {
  if (type.label === 'string') return JSON.stringify(Buffer.from(key).toString('utf8'))
  if (type.label === 'bytes') return bytesToHex(key)
  const fixed = /^bytes(\d+)$/.exec(type.label)
  if (fixed !== null) return bytesToHex(key.subarray(0, Number(fixed[1])))
  if (type.label === 'bool') return String(bytesToBigInt(key) !== 0n)
  const signed = /^int(\d+)$/.exec(type.label)
  if (signed !== null) return String(BigInt.asIntN(Number(signed[1]), bytesToBigInt(key)))
  if (/^(?:address|contract )/.test(type.label)) return bytesToHex(key.subarray(12))
  return String(bytesToBigInt(key))
}
