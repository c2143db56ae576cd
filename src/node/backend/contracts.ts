import { fieldText } from '../../analysis/names/slot-value.ts'
import type { NameBook } from '../../analysis/names/name-book.ts'
import { recordBlock } from '../../chain/record-block.ts'
import { type Address, type Slot, bytesToAddress, bytesToHex } from '../../primitives/hex.ts'
import type { BlockRef } from '../../rpc/block-ref.ts'
import type { ContractPort, KnownContract, NamedSlot } from '../../rpc/contract-port.ts'
import type { NotInspected } from '../../rpc/inspect-port.ts'
import type { StateView } from '../../state/view.ts'
import { accountsOf } from '../../state/world.ts'
import { CompiledContracts } from '../profiler/compiled.ts'
import { storageBook } from '../profiler/storage-book.ts'
import { type ProfilerParts, recordSubject } from './profiler/subject.ts'

/** Accounts that a search goes through, in no order that means anything. */
const MAX_SEARCHED = 20_000
/** Accounts that may be keys of mappings. */
const MAX_HOLDERS = 1_000
/** Transactions that are run once more for the keys that they hashed. */
const NEWEST = 50

/** keccak256('eip1967.proxy.implementation') - 1 */
const EIP1967_IMPLEMENTATION =
  '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc' as Slot
const EIP1167 = /^0x363d3d373d3d3d363d73([0-9a-f]{40})5af43d82803e903d91602b57fd5bf3$/
const EIP7702 = /^0xef0100([0-9a-f]{40})$/

const UNKNOWN_BLOCK = { kind: 'unknownBlock' } as const
const NO_STATE = { kind: 'noState' } as const

export interface ContractParts extends ProfilerParts {
  /** Whose keys the node has. */
  readonly accounts: readonly Address[]
}

/** Contracts and their storage in the words of the artefacts. */
export function contractPort(parts: ContractParts): ContractPort {
  const { dev, engine, resolver, artefacts, namer } = parts
  const { chain } = dev
  const compiled = new CompiledContracts()

  const viewAt = (block: BlockRef): StateView | NotInspected => {
    const record = resolver.mined(block)
    if (record === undefined) return UNKNOWN_BLOCK
    return record.version === undefined ? NO_STATE : chain.view(record.version)
  }

  const known = async (view: StateView, address: Address): Promise<KnownContract | undefined> => {
    const code = codeIn(view, address)
    if (code.length === 0) return undefined
    await artefacts.load()
    const contract = artefacts.byRuntime(code)
    return {
      name: contract?.name,
      source: contract?.source,
      abi: contract && (await artefacts.abiOf(contract)),
      implementation: implementationOf(view, address, code),
    }
  }

  /** Who may be a key of a mapping: whose keys the node has first, then whoever is in the state. */
  const holders = (): readonly Address[] => {
    const found = new Set(parts.accounts)
    for (const { address } of accountsOf(chain.head.version)) {
      if (found.size >= MAX_HOLDERS) break
      found.add(address)
    }
    return [...found]
  }

  return {
    async at(address, block) {
      const view = viewAt(block)
      if ('kind' in view) return view
      return { kind: 'looked', contract: await known(view, address) }
    },
    async find(text, limit) {
      await artefacts.load()
      const wanted = text.toLowerCase()
      const contracts: { address: Address; name: string }[] = []
      const { version } = chain.head
      const view = chain.view(version)
      let looked = 0
      for (const { address } of accountsOf(version)) {
        if (++looked > MAX_SEARCHED || contracts.length === limit) {
          return { contracts, complete: false }
        }
        const name = artefacts.byRuntime(codeIn(view, address))?.name
        if (name?.toLowerCase().includes(wanted) === true) contracts.push({ address, name })
      }
      return { contracts, complete: true }
    },
    async nameStorage(address, keys, block) {
      const view = viewAt(block)
      if ('kind' in view) return view
      const code = codeIn(view, address)
      const behind = implementationOf(view, address, code)
      const codes = [
        ...(behind === undefined ? [] : [{ address: behind, code: codeIn(view, behind) }]),
        { address, code },
      ]
      const guessed = await storageBook(artefacts, compiled, { address, codes, holders: holders() })
      const newest = await recordSubject(parts, {
        kind: 'last',
        count: NEWEST,
        asBlock: false,
        spreadSenders: false,
      })
      const books = newest.kind === 'recorded' ? [guessed, newest.book] : [guessed]
      return { kind: 'named', slots: keys.map((key) => named(books, { address, key })) }
    },
    async nameWritten(transaction, slots) {
      const place = chain.history.place(transaction)
      if (place === undefined) return UNKNOWN_BLOCK
      const recorded = await recordBlock(
        chain,
        engine,
        place.record,
        (tx) => dev.optionsOf(tx),
        namer,
      )
      if (recorded.kind !== 'recorded') return NO_STATE
      return { kind: 'named', slots: slots.map((slot) => named([recorded.book], slot)) }
    },
  }
}

/** By the first book that has a variable for it. */
function named(
  books: readonly NameBook[],
  slot: { readonly address: Address; readonly key: Slot },
): NamedSlot {
  const names = books.map((book) => book.nameOf({ kind: 'slot', ...slot }))
  const name = names.find(({ fields }) => fields.length > 0) ?? names[0]!
  const fields = name.fields.map((field) => ({
    name: field.path,
    type: field.type,
    offset: field.offset,
    bytes: field.bytes,
    show: (word: bigint) => fieldText(field, word),
  }))
  return { ...slot, label: name.name, fields }
}

function codeIn(view: StateView, address: Address): Uint8Array {
  const account = view.account(address)
  return account === undefined ? new Uint8Array(0) : view.code(account.codeHash)
}

function implementationOf(
  view: StateView,
  address: Address,
  code: Uint8Array,
): Address | undefined {
  const hex = bytesToHex(code)
  const written = EIP1167.exec(hex)?.[1] ?? EIP7702.exec(hex)?.[1]
  if (written !== undefined) return `0x${written}` as Address
  const word = view.slot(address, EIP1967_IMPLEMENTATION)
  if (word === 0n || word >> 160n !== 0n) return undefined
  return bytesToAddress(Buffer.from(word.toString(16).padStart(40, '0'), 'hex'))
}
