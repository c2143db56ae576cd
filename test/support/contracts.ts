import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Abi } from 'viem'
import { whileLockedSync } from './lock.ts'

const root = join(import.meta.dirname, '..', '..')

/** Where one code holds what is known only later: by file and library, or by the variable's id. */
type References = Readonly<Record<string, unknown>>

export type StorageEntry = {
  readonly astId: number
  readonly contract: string
  readonly label: string
  readonly offset: number
  readonly slot: string
  readonly type: string
}

type StorageType = {
  readonly encoding: 'inplace' | 'mapping' | 'dynamic_array' | 'bytes'
  readonly label: string
  readonly numberOfBytes: string
  readonly key?: string
  readonly value?: string
  readonly base?: string
  readonly members?: readonly StorageEntry[]
}

/** A compiled contract in Foundry's shape. */
export type Artefact = {
  readonly abi: Abi
  readonly bytecode: {
    readonly object: `0x${string}`
    readonly sourceMap: string
    readonly linkReferences: References
  }
  readonly deployedBytecode: {
    readonly object: `0x${string}`
    readonly sourceMap: string
    readonly linkReferences: References
    readonly immutableReferences: References
  }
  readonly methodIdentifiers: Readonly<Record<string, string>>
  readonly storageLayout: {
    readonly storage: readonly StorageEntry[]
    readonly types: Readonly<Record<string, StorageType>>
  }
  readonly id: number
}

/** What a test needs of a contract: how to deploy it, how to call it, how its storage lies. */
export type Contract = {
  readonly abi: Abi
  readonly bytecode: `0x${string}`
  readonly deployedBytecode: `0x${string}`
  readonly storageLayout: Artefact['storageLayout']
}

let isFresh = false

/**
 * A contract of `contracts/src` by its name, such as `ERC20`; compiles them all when `out/` is
 * older than its sources.
 * @throws {Error} when a source does not compile, or no contract has the name.
 */
export function loadContract(name: string): Contract {
  const { abi, bytecode, deployedBytecode, storageLayout } = loadArtefact(name)
  return {
    abi,
    bytecode: bytecode.object,
    deployedBytecode: deployedBytecode.object,
    storageLayout,
  }
}

/**
 * The whole artefact of a contract. A file holds the contract of its own name; give
 * `File.sol/Name` for another.
 * @throws {Error} as `loadContract`.
 */
export function loadArtefact(name: string): Artefact {
  if (!isFresh) buildContracts()
  isFresh = true
  const path = name.includes('/') ? name : `${name}.sol/${name}`
  try {
    return JSON.parse(readFileSync(join(root, 'out', `${path}.json`), 'utf8')) as Artefact
  } catch (error) {
    throw new Error(`no contract ${name} in contracts/src`, { cause: error })
  }
}

/**
 * Brings `out/` up to date by `scripts/contracts.mjs`, once at a time over all processes.
 * @returns what the script printed: a line on standard output, warnings on standard error.
 * @throws {Error} with the compiler's message when a source does not compile.
 */
export function buildContracts(...args: readonly string[]): { stdout: string; stderr: string } {
  return whileLockedSync(join(root, '.cache', 'contracts.lock'), () => {
    const script = join(root, 'scripts', 'contracts.mjs')
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`the contracts do not compile\n${stderr}`)
    return { stdout, stderr }
  })
}
