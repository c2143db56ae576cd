import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'

import type { WriteBehind } from '../../chain/write-behind.ts'
import { concatBytes } from '../../primitives/bytes.ts'
import { type Address, type Hash, hexToBytes, parseAddress } from '../../primitives/hex.ts'
import type { VerifiedContract } from '../../rpc/verification-port.ts'

/** A contract that was verified, with the code that it had then. */
export interface KeptContract {
  readonly codeHash: Hash
  readonly contract: VerifiedContract
  /** What the compiler printed, as a build-info; undefined when an artefact vouched for it. */
  readonly content: unknown
}

/** The list of addresses, the oldest first; each contract is under the same byte and its address. */
const KEY = Uint8Array.of(0x56) // V
/** On disk; each may be a project's whole output. */
const MAX_KEPT = 64

const pack = promisify(gzip)
const unpack = promisify(gunzip)

/** Verified contracts in a data folder: without one nothing is kept. */
export class KeptContracts {
  readonly #disk: WriteBehind | undefined
  #addresses: readonly Address[]

  constructor(disk: WriteBehind | undefined) {
    this.#disk = disk
    const list = disk?.get(KEY)
    this.#addresses = list === undefined ? [] : addressesIn(list)
  }

  /** What earlier runs verified, the oldest first. @throws {Error} when a record is damaged */
  async *read(): AsyncGenerator<KeptContract> {
    for (const address of this.#addresses) {
      const record = this.#disk?.get(keyOf(address))
      if (record === undefined) continue
      yield JSON.parse((await unpack(record)).toString()) as KeptContract
    }
  }

  async add(kept: KeptContract): Promise<void> {
    if (this.#disk === undefined) return
    const { address } = kept.contract
    const value = new Uint8Array(await pack(JSON.stringify(kept)))
    const all = [...this.#addresses.filter((known) => known !== address), address]
    const dropped = all.slice(0, -MAX_KEPT)
    this.#addresses = all.slice(-MAX_KEPT)
    this.#disk.put([
      { key: keyOf(address), value },
      ...dropped.map((old) => ({ key: keyOf(old), value: undefined })),
      { key: KEY, value: Buffer.from(JSON.stringify(this.#addresses)) },
    ])
  }
}

function keyOf(address: Address): Uint8Array {
  return concatBytes(KEY, hexToBytes(address))
}

function addressesIn(list: Uint8Array): readonly Address[] {
  return (JSON.parse(Buffer.from(list).toString()) as readonly string[]).map(parseAddress)
}
