import type { Layout } from '../../analysis/names/layout.ts'
import { type KnownContract, type NameBook, bookInSlices } from '../../analysis/names/name-book.ts'
import { bigIntToFixedBytes, concatBytes, padLeft } from '../../primitives/bytes.ts'
import { inTurns } from '../../primitives/slices.ts'
import { keccak256 } from '../../primitives/keccak.ts'
import { type Address, hexToBytes, slotOf } from '../../primitives/hex.ts'
import { compareRuntime } from '../artefact-code.ts'
import type { Artefacts } from '../artefacts.ts'
import type { CompiledContracts } from './compiled.ts'

/** Two keys deep, every pair of them is hashed. */
const MAX_PAIRED = 48

/** Of whom the storage is, and who may be a key in it. */
export interface StorageSubject {
  readonly address: Address
  /** Whose code works on it: its own, or a proxy's and its implementation's. */
  readonly codes: readonly { readonly address: Address; readonly code: Uint8Array }[]
  /** The likeliest first. */
  readonly holders: readonly Address[]
}

/** Names of an account's slots without a run that touched them: keys of mappings are guessed, since storage holds only their hashes. */
export async function storageBook(
  artefacts: Artefacts,
  compiled: CompiledContracts,
  { address, codes, holders }: StorageSubject,
): Promise<NameBook> {
  await artefacts.load()
  const contracts: KnownContract[] = []
  const words = holders.map((holder) => padLeft(hexToBytes(holder), 32))
  const hashed: Uint8Array[] = []
  for (const { address: at, code } of codes) {
    const contract = artefacts.byRuntime(code)
    const found = contract && (await compiled.of(contract))
    if (contract?.runtime === undefined || found === undefined) continue
    const { artefact } = found
    contracts.push({ address: at, artefact, fits: compareRuntime(contract.runtime, code) })
    if (artefact.layout.kind === 'layout') hashed.push(...pairs(artefact.layout.layout, words))
  }
  // Whose code works on the storage is learnt from where code touched it: init code may touch anything anywhere.
  const sites = codes.map(({ address: codeAddress }) => ({
    location: { kind: 'slot' as const, address, key: slotOf(0n) },
    access: 'read' as const,
    pc: 0,
    codeAddress,
    path: [],
    inCreation: true,
  }))
  return inTurns(bookInSlices({ contracts, sites, hashed, sources: new Map(), guesses: words }))
}

/** What is hashed for the entries of mappings in mappings: `allowance[owner][spender]`. */
function pairs({ variables, types }: Layout, words: readonly Uint8Array[]): Uint8Array[] {
  const few = words.slice(0, MAX_PAIRED)
  return variables.flatMap(({ type, slot }) => {
    const outer = types.get(type)
    const inner = outer?.kind === 'mapping' ? types.get(outer.value) : undefined
    if (inner?.kind !== 'mapping') return []
    const parent = bigIntToFixedBytes(slot, 32)
    return few.flatMap((first) => {
      const entry = keccak256(concatBytes(first, parent))
      return few.map((second) => concatBytes(second, entry))
    })
  })
}
