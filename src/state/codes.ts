import { type Hash, hexToBytes } from '../primitives/hex.ts'
import { EMPTY_CODE_HASH } from '../primitives/keccak.ts'
import { EMPTY_BYTES } from '../primitives/bytes.ts'
import type { Kv, KvWrite } from '../store/kv.ts'
import { prefixedKey } from '../store/keys.ts'

const CODE_PREFIX = 0x63 // c

/** Contract code by its hash. It only grows: versions, forks and snapshots share it. */
export class CodeStore {
  readonly #known = new Map<Hash, Uint8Array>()
  readonly #unsaved = new Set<Hash>()
  readonly #kv: Kv | undefined

  /** @param kv where code is looked up that is not in memory. */
  constructor(kv?: Kv) {
    this.#kv = kv
  }

  /** No bytes for the empty hash. @throws {Error} when the code is unknown. */
  get(hash: Hash): Uint8Array {
    if (hash === EMPTY_CODE_HASH) return EMPTY_BYTES
    const known = this.#known.get(hash)
    if (known !== undefined) return known
    const stored = this.#kv?.get(prefixedKey(CODE_PREFIX, hexToBytes(hash)))
    if (stored === undefined) throw new Error(`the code ${hash} is unknown`)
    this.#known.set(hash, stored)
    return stored
  }

  /** Takes in code that a change set brings. The bytes must never be written to afterwards. */
  add(codes: ReadonlyMap<Hash, Uint8Array>): void {
    for (const [hash, code] of codes) {
      if (this.#known.has(hash)) continue
      this.#known.set(hash, code)
      this.#unsaved.add(hash)
    }
  }

  /** The records not yet on disk; `confirm` is called after they are written. */
  unsaved(): { writes: KvWrite[]; confirm(): void } {
    const hashes = [...this.#unsaved]
    const writes = hashes.map((hash) => ({
      key: prefixedKey(CODE_PREFIX, hexToBytes(hash)),
      value: this.#known.get(hash)!,
    }))
    return {
      writes,
      confirm: () => {
        for (const hash of hashes) this.#unsaved.delete(hash)
      },
    }
  }
}
