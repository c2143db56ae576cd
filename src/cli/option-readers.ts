import { availableParallelism } from 'node:os'

import { ENGINE_NAMES, type EngineName } from '../evm/load.ts'
import { EXECUTOR_NAMES, type ExecutorName } from '../executor/names.ts'
import { FORKS, type ForkName } from '../model/fork.ts'
import { parseDerivationPath } from '../node/accounts.ts'
import { MNEMONIC_LENGTHS, type MnemonicLength } from '../node/mnemonic.ts'
import { type Address, parseAddress } from '../primitives/hex.ts'
import { type Reader, bad, choice, integer, mapped, read, text } from './readers.ts'

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

/** EIP-170 */
const CODE_SIZE_LIMIT = 24_576

export const codeSizeLimit: Reader<number> = mapped(integer(0, 2 ** 31 - 1), (bytes) =>
  bytes === CODE_SIZE_LIMIT
    ? read(bytes)
    : bad(`${CODE_SIZE_LIMIT} (other limits are not supported yet; --disable-code-size-limit is)`),
)

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
