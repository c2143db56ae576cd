import type { Layout, LayoutType, LayoutVariable } from './layout.ts'
import { namespaceSlot } from './well-known.ts'

/** Structs at places of their own (ERC-7201), which solc's layout leaves out: read from the syntax trees. */

type Node = Readonly<Record<string, unknown>>

const LOCATION = /@custom:storage-location\s+erc7201:(\S+)/

/**
 * The layout with a variable more for each annotated struct of the contract and of those that it inherits, as far as their trees are
 * there. Members are laid out as Solidity does; a struct with a type that the trees do not have is left out.
 *
 * @param trees `ast` of source files
 */
export function withNamespaces(
  layout: Layout,
  contract: string,
  trees: readonly unknown[],
): Layout {
  const byId = new Map<number, Node>()
  for (const tree of trees) index(tree, byId)
  const definition = [...byId.values()].find(
    ({ nodeType, name }) => nodeType === 'ContractDefinition' && name === contract,
  )
  if (definition === undefined) return layout
  const types = new Map(layout.types)
  const variables: LayoutVariable[] = [...layout.variables]
  for (const base of listOf(definition['linearizedBaseContracts'])) {
    for (const struct of listOf(byId.get(Number(base))?.['nodes']).filter(isNode)) {
      const id = struct['nodeType'] === 'StructDefinition' ? namespaceOf(struct) : undefined
      if (id === undefined) continue
      const builder = new TypeBuilder(byId, types)
      const type = builder.struct(struct)
      if (type === undefined) continue
      const label = String(struct['name'])
      variables.push({ label, slot: namespaceSlot(id), offset: 0, type })
    }
  }
  return { variables, types }
}

function namespaceOf({ documentation }: Node): string | undefined {
  const text = isNode(documentation) ? documentation['text'] : documentation
  return typeof text === 'string' ? LOCATION.exec(text)?.[1] : undefined
}

/** Builds types from the nodes that name them, under names of their own. */
class TypeBuilder {
  readonly #byId: ReadonlyMap<number, Node>
  readonly #types: Map<string, LayoutType>

  constructor(byId: ReadonlyMap<number, Node>, types: Map<string, LayoutType>) {
    this.#byId = byId
    this.#types = types
  }

  /** @returns the type's id; undefined when something in it is not known */
  struct(node: Node): string | undefined {
    const id = `struct ${String(node['canonicalName'] ?? node['name'])} (tree)`
    if (this.#types.has(id)) return id
    const label = `struct ${String(node['canonicalName'] ?? node['name'])}`
    // A struct may hold itself in a mapping or an array: what stands here is replaced when it is whole.
    this.#types.set(id, { kind: 'struct', label, bytes: 32, members: [] })
    const members: LayoutVariable[] = []
    let slot = 0n
    let offset = 0
    for (const member of listOf(node['members']).filter(isNode)) {
      const type = this.#typeOf(member['typeName'])
      if (type === undefined) {
        this.#types.delete(id)
        return undefined
      }
      const { kind, bytes } = this.#types.get(type)!
      const isShort = kind === 'value'
      if (offset > 0 && (!isShort || offset + bytes > SLOT)) [slot, offset] = [slot + 1n, 0]
      members.push({ label: String(member['name']), slot, offset, type })
      offset += isShort ? bytes : 0
      if (!isShort) slot += BigInt(Math.ceil(bytes / SLOT))
    }
    const slots = offset > 0 ? slot + 1n : slot
    this.#types.set(id, { kind: 'struct', label, bytes: Number(slots) * SLOT, members })
    return id
  }

  #typeOf(node: unknown): string | undefined {
    if (!isNode(node)) return undefined
    switch (node['nodeType']) {
      case 'ElementaryTypeName':
        return this.#elementary(String(node['name']))
      case 'Mapping':
        return this.#mapping(node)
      case 'ArrayTypeName':
        return this.#array(node)
      case 'FunctionTypeName':
        return this.#add({ kind: 'value', label: 'function', bytes: 24 })
      case 'UserDefinedTypeName':
        return this.#defined(this.#byId.get(Number(node['referencedDeclaration'])))
      default:
        return undefined
    }
  }

  #elementary(name: string): string | undefined {
    if (name === 'string' || name === 'bytes')
      return this.#add({ kind: 'bytes', label: name, bytes: SLOT })
    const bits = /^u?int(\d*)$/.exec(name)?.[1]
    const fixed = /^bytes(\d+)$/.exec(name)?.[1]
    const bytes =
      bits !== undefined
        ? Number(bits === '' ? 256 : bits) / 8
        : fixed !== undefined
          ? Number(fixed)
          : { bool: 1, address: 20 }[name]
    return bytes === undefined ? undefined : this.#add({ kind: 'value', label: name, bytes })
  }

  #mapping(node: Node): string | undefined {
    const key = this.#typeOf(node['keyType'])
    const value = this.#typeOf(node['valueType'])
    if (key === undefined || value === undefined) return undefined
    const label = `mapping(${this.#labelOf(key)} => ${this.#labelOf(value)})`
    return this.#add({ kind: 'mapping', label, bytes: SLOT, key, value })
  }

  #array(node: Node): string | undefined {
    const base = this.#typeOf(node['baseType'])
    if (base === undefined) return undefined
    if (!isNode(node['length'])) {
      const label = `${this.#labelOf(base)}[]`
      return this.#add({ kind: 'dynamicArray', label, bytes: SLOT, base })
    }
    const description = isNode(node['typeDescriptions']) ? node['typeDescriptions'] : {}
    // A length may be a constant's name: its value is in the type.
    const length = /\[(\d+)\](?: storage \w+)?$/.exec(String(description['typeString']))?.[1]
    if (length === undefined) return undefined
    const { kind, bytes } = this.#types.get(base)!
    const perSlot = kind === 'value' ? Math.floor(SLOT / bytes) : 1
    const slots =
      kind === 'value'
        ? Math.ceil(Number(length) / perSlot)
        : Number(length) * Math.ceil(bytes / SLOT)
    const label = `${this.#labelOf(base)}[${length}]`
    return this.#add({
      kind: 'fixedArray',
      label,
      bytes: slots * SLOT,
      base,
      length: BigInt(length),
    })
  }

  #defined(definition: Node | undefined): string | undefined {
    const name = String(definition?.['canonicalName'] ?? definition?.['name'])
    switch (definition?.['nodeType']) {
      case 'StructDefinition':
        return this.struct(definition)
      case 'EnumDefinition':
        return this.#add({ kind: 'value', label: `enum ${name}`, bytes: 1 })
      case 'ContractDefinition':
        return this.#add({ kind: 'value', label: `contract ${name}`, bytes: 20 })
      case 'UserDefinedValueTypeDefinition':
        return this.#typeOf(definition['underlyingType'])
      default:
        return undefined
    }
  }

  #labelOf(type: string): string {
    return this.#types.get(type)!.label
  }

  /** Bases have the same label only if they are the same type: a struct's is its full name. */
  #add(type: LayoutType): string {
    const id = `${type.label} (tree)`
    this.#types.set(id, type)
    return id
  }
}

const SLOT = 32

function index(node: unknown, byId: Map<number, Node>): void {
  if (!isNode(node)) return
  if (typeof node['id'] === 'number') byId.set(node['id'], node)
  for (const child of listOf(node['nodes'])) index(child, byId)
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
