import { useQueries } from '@tanstack/react-query'
import type { Abi } from 'viem'

import { ask } from './client.ts'

/** What the node's artefacts say of an account's code; null for an account without. */
export interface Contract {
  readonly address: string
  readonly name: string | null
  readonly source: string | null
  readonly abi: Abi | null
  /** Whose code a proxy runs. */
  readonly implementation: string | null
}

/** As of the newest block. A contract that has a name keeps it: only the others are asked about again. */
function contractQuery(address: string) {
  return {
    queryKey: ['live', 'contract', address.toLowerCase()],
    queryFn: () => ask<Contract | null>('heddle_getContract', address),
    meta: { isSettled: (data: unknown) => (data as Contract | null | undefined)?.name != null },
  }
}

/** Names and ABIs of accounts, a proxy's with those of what is behind it. */
export interface Book {
  /** undefined for an account that has none. */
  nameOf(address: string): string | undefined
  abiOf(address: string | null | undefined): Abi
  isContract(address: string): boolean
}

/** As far as the answers are there; what comes later is shown later. */
export function useBook(addresses: readonly (string | null | undefined)[]): Book {
  const contracts = useContracts(unique(addresses))
  const behind = useContracts(
    unique([...contracts.values()].map(({ implementation }) => implementation)),
  )
  const find = (address: string): Contract | undefined =>
    contracts.get(address.toLowerCase()) ?? behind.get(address.toLowerCase())
  const implementationOf = (contract: Contract | undefined): Contract | undefined =>
    contract?.implementation == null ? undefined : find(contract.implementation)
  return {
    nameOf(address) {
      const contract = find(address)
      const inner = implementationOf(contract)?.name
      return inner == null ? (contract?.name ?? undefined) : `${inner} (proxy)`
    },
    abiOf(address) {
      const contract = address == null ? undefined : find(address)
      return [...(contract?.abi ?? []), ...(implementationOf(contract)?.abi ?? [])]
    },
    isContract: (address) => find(address) !== undefined,
  }
}

function useContracts(addresses: readonly string[]): ReadonlyMap<string, Contract> {
  const answers = useQueries({ queries: addresses.map(contractQuery) })
  const found = new Map<string, Contract>()
  for (const [index, { data }] of answers.entries()) {
    const address = addresses[index]
    if (data != null && address !== undefined) found.set(address, data)
  }
  return found
}

function unique(addresses: readonly (string | null | undefined)[]): string[] {
  const given = addresses.filter((address) => address != null)
  return [...new Set(given.map((address) => address.toLowerCase()))]
}
