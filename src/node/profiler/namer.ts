import { type BookInput, type KnownContract, bookInSlices } from '../../analysis/names/name-book.ts'
import type { Namer, Unnamed } from '../../chain/record-block.ts'
import { padLeft } from '../../primitives/bytes.ts'
import { type Address, hexToBytes } from '../../primitives/hex.ts'
import { inTurns } from '../../primitives/slices.ts'
import { compareRuntime } from '../artefact-code.ts'
import type { Artefacts } from '../artefacts.ts'
import { CompiledContracts } from './compiled.ts'

/** Constant keys of mappings that are tried. */
const MAX_GUESSES = 200

/** Names from the artefacts that were found, by the codes of the accounts that were touched. */
export function artefactNamer(artefacts: Artefacts): Namer {
  const compiled = new CompiledContracts()
  return async (unnamed) => {
    await artefacts.load()
    const contracts: KnownContract[] = []
    const sources = new Map<string, string>()
    const addresses = addressesIn(unnamed)
    for (const address of addresses) {
      const code = unnamed.codeOf(address)
      const contract = artefacts.byRuntime(code)
      const found = contract && (await compiled.of(contract))
      if (contract?.runtime === undefined || found === undefined) continue
      const fits = compareRuntime(contract.runtime, code)
      contracts.push({ address, artefact: found.artefact, fits })
      for (const [path, text] of found.sources) sources.set(path, text)
    }
    const input: BookInput = {
      contracts,
      sites: unnamed.recording.transactions.flatMap(({ trace }) => trace?.sites ?? []),
      hashed: unnamed.hashed,
      sources,
      guesses: [...addresses]
        .slice(0, MAX_GUESSES)
        .map((address) => padLeft(hexToBytes(address), 32)),
    }
    return inTurns(bookInSlices(input))
  }
}

/** Whose code ran or whose storage was touched, first; then who was called and who sent. */
function addressesIn({ recording }: Unnamed): ReadonlySet<Address> {
  const found = new Set<Address>()
  for (const { trace } of recording.transactions) {
    for (const { codeAddress, location } of trace?.sites ?? []) {
      found.add(codeAddress)
      found.add(location.address)
    }
    for (const { codeAddress } of trace?.volatile ?? []) found.add(codeAddress)
  }
  for (const { to } of recording.transactions) if (to !== null) found.add(to)
  return found
}
