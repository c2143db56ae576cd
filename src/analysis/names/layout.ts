/** solc's `storageLayout`, parsed. Slots and lengths are numbers of slots and bytes. */

export interface LayoutVariable {
  readonly label: string
  readonly slot: bigint
  /** Bytes from the low end of the slot. */
  readonly offset: number
  readonly type: string
}

export type LayoutType =
  | { readonly kind: 'value'; readonly label: string; readonly bytes: number }
  | {
      readonly kind: 'struct'
      readonly label: string
      readonly bytes: number
      readonly members: readonly LayoutVariable[]
    }
  | {
      readonly kind: 'fixedArray'
      readonly label: string
      readonly bytes: number
      readonly base: string
      readonly length: bigint
    }
  | {
      readonly kind: 'dynamicArray'
      readonly label: string
      readonly bytes: number
      readonly base: string
    }
  | {
      readonly kind: 'mapping'
      readonly label: string
      readonly bytes: number
      readonly key: string
      readonly value: string
    }
  /** `bytes` and `string`: short ones in their slot, long ones beside it. */
  | { readonly kind: 'bytes'; readonly label: string; readonly bytes: number }

export interface Layout {
  readonly variables: readonly LayoutVariable[]
  readonly types: ReadonlyMap<string, LayoutType>
}

export type ParsedLayout =
  | { readonly kind: 'layout'; readonly layout: Layout }
  /** `reason`: what is wrong with it and where. */
  | { readonly kind: 'refused'; readonly reason: string }

/** Reads solc's JSON: `{ storage: [...], types: {...} | null }`. Types that are named must be there. */
export function parseLayout(json: unknown): ParsedLayout {
  try {
    const { storage, types } = recordOf(json, 'the layout')
    const parsed = new Map<string, LayoutType>()
    for (const [id, type] of Object.entries(recordOf(types ?? {}, 'types'))) {
      parsed.set(id, parseType(type, id))
    }
    const variables = parseVariables(storage, 'storage')
    for (const { label, type } of variables) requireType(parsed, type, label)
    for (const [id, type] of parsed) requireParts(parsed, id, type)
    return { kind: 'layout', layout: { variables, types: parsed } }
  } catch (error) {
    if (error instanceof Malformed) return { kind: 'refused', reason: error.message }
    throw error
  }
}

/** How many slots a value of the type takes where it stands. */
export function slotsOf(type: LayoutType): bigint {
  return BigInt(Math.max(1, Math.ceil(type.bytes / 32)))
}

function parseVariables(json: unknown, where: string): readonly LayoutVariable[] {
  if (!Array.isArray(json)) throw new Malformed(`${where}: expected a list`)
  return json.map((item: unknown, at) => {
    const variable = recordOf(item, `${where}[${at}]`)
    const offset = variable['offset']
    if (typeof offset !== 'number' || offset < 0 || offset > 31) {
      throw new Malformed(`${where}[${at}].offset: expected 0 to 31, got ${String(offset)}`)
    }
    return {
      label: textOf(variable['label'], `${where}[${at}].label`),
      slot: numberOf(variable['slot'], `${where}[${at}].slot`),
      offset,
      type: textOf(variable['type'], `${where}[${at}].type`),
    }
  })
}

function parseType(json: unknown, id: string): LayoutType {
  const type = recordOf(json, id)
  const label = textOf(type['label'], `${id}.label`)
  const bytes = Number(numberOf(type['numberOfBytes'], `${id}.numberOfBytes`))
  const { encoding } = type
  if (encoding === 'mapping') {
    const key = textOf(type['key'], `${id}.key`)
    return { kind: 'mapping', label, bytes, key, value: textOf(type['value'], `${id}.value`) }
  }
  if (encoding === 'dynamic_array') {
    return { kind: 'dynamicArray', label, bytes, base: textOf(type['base'], `${id}.base`) }
  }
  if (encoding === 'bytes') return { kind: 'bytes', label, bytes }
  if (encoding !== 'inplace') throw new Malformed(`${id}.encoding: unknown ${String(encoding)}`)
  if (type['members'] !== undefined) {
    const members = parseVariables(type['members'], `${id}.members`)
    return { kind: 'struct', label, bytes, members }
  }
  if (type['base'] !== undefined) {
    const length = /\[(\d+)\]$/.exec(label)?.[1]
    if (length === undefined) throw new Malformed(`${id}.label: expected a length, got ${label}`)
    const base = textOf(type['base'], `${id}.base`)
    return { kind: 'fixedArray', label, bytes, base, length: BigInt(length) }
  }
  return { kind: 'value', label, bytes }
}

function requireParts(types: ReadonlyMap<string, LayoutType>, id: string, type: LayoutType): void {
  if (type.kind === 'mapping') {
    requireType(types, type.key, id)
    requireType(types, type.value, id)
  }
  if (type.kind === 'fixedArray' || type.kind === 'dynamicArray') requireType(types, type.base, id)
  if (type.kind === 'struct') {
    for (const member of type.members) requireType(types, member.type, `${id}.${member.label}`)
  }
}

function requireType(types: ReadonlyMap<string, LayoutType>, type: string, by: string): void {
  if (!types.has(type)) throw new Malformed(`${by}: its type ${type} is not among the types`)
}

function recordOf(json: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new Malformed(`${where}: expected an object`)
  }
  return json as Readonly<Record<string, unknown>>
}

function textOf(json: unknown, where: string): string {
  if (typeof json !== 'string') throw new Malformed(`${where}: expected text`)
  return json
}

function numberOf(json: unknown, where: string): bigint {
  if (typeof json !== 'string' || !/^\d+$/.test(json)) {
    throw new Malformed(`${where}: expected a decimal number in quotes, got ${String(json)}`)
  }
  return BigInt(json)
}

class Malformed extends Error {}
