import { availableParallelism } from 'node:os'

import { ENGINE_NAMES, type EngineName } from '../evm/load.ts'
import { EXECUTOR_NAMES, type ExecutorName } from '../executor/names.ts'
import { FORKS, type ForkName, NETWORK_NAMES, type NetworkName } from '../model/fork.ts'
import { NEWEST_REVISION } from '../model/network.ts'
import { parseDerivationPath } from '../node/accounts.ts'
import { MNEMONIC_LENGTHS, type MnemonicLength } from '../node/mnemonic.ts'
import { type Address, type Hash, parseAddress, parseHash } from '../primitives/hex.ts'
import {
  type Reader,
  bad,
  choice,
  ether,
  integer,
  mapped,
  quantity,
  read,
  text,
} from './readers.ts'

const MAX_WORKERS = 256

const FORK_ALIASES: ReadonlyMap<string, ForkName> = new Map([
  ['latest', 'osaka'],
  ['merge', 'paris'],
  ['tangerine', 'tangerineWhistle'],
  ['constantinoplefix', 'petersburg'],
])

export const hardfork: Reader<ForkName> = (raw) => {
  const name = typeof raw === 'string' ? raw.toLowerCase().replaceAll(/[-_ ]/g, '') : undefined
  const found = FORKS.find((fork) => fork.toLowerCase() === name) ?? FORK_ALIASES.get(name ?? '')
  return found === undefined ? bad(`latest or one of ${FORKS.join(', ')}`) : read(found)
}

/** A network alone is its newest revision. */
export const NETWORK_CHOICES: readonly string[] = [
  'ethereum',
  ...Object.keys(NEWEST_REVISION),
  ...NETWORK_NAMES,
]

export const network: Reader<NetworkName | 'ethereum'> = (raw) => {
  const name = typeof raw === 'string' ? raw.toLowerCase() : ''
  if (name === 'ethereum') return read(name)
  const found = NETWORK_NAMES.find((known) => known === name) ?? NEWEST_REVISION[name]
  return found === undefined ? bad(`one of ${NETWORK_CHOICES.join(', ')}`) : read(found)
}

export const derivationPath: Reader<string> = mapped(
  text("a derivation path such as m/44'/60'/0'/0/"),
  (path) => {
    const whole = path.endsWith('/') ? path : `${path}/`
    return parseDerivationPath(whole) === undefined
      ? bad("a derivation path such as m/44'/60'/0'/0/")
      : read(whole)
  },
)

export const mnemonicLength: Reader<MnemonicLength> = (raw) => {
  const found = MNEMONIC_LENGTHS.find((length) => String(length) === String(raw))
  return found === undefined ? bad(`one of ${MNEMONIC_LENGTHS.join(', ')}`) : read(found)
}

export const address: Reader<Address> = mapped(
  text('a 20-byte address', /^0x[0-9a-fA-F]{40}$/),
  (found) => read(parseAddress(found)),
)

export const hash: Reader<Hash> = mapped(text('a 32-byte hash', /^0x[0-9a-fA-F]{64}$/), (found) =>
  read(parseHash(found)),
)

/** A block by its number, or below zero counted from the newest. */
export const blockNumber: Reader<bigint> = (raw) => {
  const isBelow = String(raw).startsWith('-')
  const reading = quantity(0n, 2n ** 64n - 1n)(isBelow ? String(raw).slice(1) : raw)
  if (reading.kind !== 'read') return bad('a block number, such as 19000000 or -5')
  return read(isBelow ? -reading.value : reading.value)
}

/** A list, or a text of lines. */
function lines(raw: unknown): readonly unknown[] | undefined {
  if (typeof raw === 'string') return raw.split(/\n/).map((line) => line.trim())
  return Array.isArray(raw) ? raw : undefined
}

export const urls: Reader<readonly string[]> = (raw) => {
  const found = typeof raw === 'string' ? raw.split(/\s+|,(?=(?:https?|wss?|ipc):|\/)/) : raw
  const isList = Array.isArray(found) && found.length > 0
  return isList && found.every((url) => typeof url === 'string' && /^\w+:\/\/\S+$/.test(url))
    ? read(found as readonly string[])
    : bad('the URL of a node, such as https://host/path')
}

export const headers: Reader<Readonly<Record<string, string>>> = (raw) => {
  const expected = 'a header such as "Authorization: Bearer key"'
  const isObject = typeof raw === 'object' && raw !== null && !Array.isArray(raw)
  const entries = isObject ? Object.entries(raw) : lines(raw)?.map(headerIn)
  if (entries === undefined) return bad(expected)
  const isWhole = entries.every((entry) => typeof entry?.[1] === 'string')
  return isWhole ? read(Object.fromEntries(entries as [string, string][])) : bad(expected)
}

function headerIn(line: unknown): readonly [string, string] | undefined {
  const found = typeof line === 'string' ? /^([\w!#$%&'*+.^`|~-]+)\s*:\s*(.*)$/.exec(line) : null
  return found === null ? undefined : [found[1]!, found[2]!]
}

/** `0x…` or `0x…:10.5`: an address, and ether where it is not that of the dev accounts. */
export const fundings: Reader<ReadonlyMap<Address, bigint | undefined>> = (raw) => {
  const expected =
    'addresses, each with its ether, such as 0x52908400098527886E0F7030069857D2E4169EE7:10'
  const items: unknown = typeof raw === 'string' ? raw.split(/[\s,]+/).filter(Boolean) : raw
  if (!Array.isArray(items) || items.length === 0) return bad(expected)
  const found = new Map<Address, bigint | undefined>()
  for (const item of items) {
    const [, who, amount] = /^(0x[0-9a-fA-F]{40})(?::(.+))?$/.exec(String(item)) ?? []
    const wei = amount === undefined ? undefined : ether(amount)
    if (who === undefined || (wei !== undefined && wei.kind !== 'read')) return bad(expected)
    found.set(parseAddress(who), wei?.value)
  }
  return read(found)
}

export const engine: Reader<EngineName> = choice(ENGINE_NAMES)
export const executor: Reader<ExecutorName> = choice(EXECUTOR_NAMES)

export const path: Reader<string> = text('the path of a file')
export const folder: Reader<string> = text('the path of a folder')
export const hostName: Reader<string> = text('one IP address or host name', /^[^\s,/]+$/)
export const words: Reader<string> = mapped(text('the words of a mnemonic'), (found) =>
  read(found.trim().replaceAll(/\s+/g, ' ')),
)
const workerCount = integer(0, MAX_WORKERS)
/** `auto`, or 0, is one for each processor. */
export const workers: Reader<number> = mapped(
  (raw) => (raw === 'auto' ? read(0) : workerCount(raw)),
  (count) => read(count === 0 ? availableParallelism() : count),
)
