import type { AccountWrites } from '../../state/access.ts'
import { emptyChangeSet } from '../../state/access.ts'
import type { CodeStore } from '../../state/codes.ts'
import { DistantVersion } from '../../state/distant.ts'
import { type Version, accountLeaf, applyChanges } from '../../state/world.ts'
import type { Address, Slot } from '../../primitives/hex.ts'
import { EMPTY_CODE_HASH, keccakHash } from '../../primitives/keccak.ts'

/** Writes that are gathered before they are made: the more, the fewer nodes are hashed twice. */
const GATHERED = 10_000

type Draft = AccountWrites & { slots: Map<Slot, bigint> }

/** Accounts of a dump, as they are read: each replaces what the state had of it. */
export class AccountReader {
  readonly #codes: CodeStore
  #version: Version
  #changes = emptyChangeSet()
  #current: { readonly address: Address; readonly draft: Draft } | undefined
  #gathered = 0

  /** @param base what accounts that are not in the dump stay as */
  constructor(base: Version, codes: CodeStore) {
    this.#version = base
    this.#codes = codes
  }

  get #isFork(): boolean {
    return this.#version instanceof DistantVersion
  }

  nonce(address: Address, nonce: bigint): void {
    const draft = this.#draft(address)
    const had = draft.nonce ?? accountLeaf(this.#version, address)?.account.nonce ?? 0n
    draft.nonce = nonce > had ? nonce : had
  }

  balance(address: Address, wei: bigint): void {
    this.#draft(address).balanceWei = wei
  }

  code(address: Address, code: Uint8Array): void {
    if (code.length === 0) return
    const hash = keccakHash(code)
    this.#draft(address).codeHash = hash
    this.#changes.codes.set(hash, code)
  }

  slot(address: Address, key: Slot, value: bigint): void {
    // What a fork does not say is as it is there.
    if (value !== 0n || this.#isFork) this.#draft(address).slots.set(key, value)
    if (++this.#gathered >= GATHERED) this.#flush()
  }

  /** The state with all accounts. */
  finish(): Version {
    this.#flush()
    return this.#version
  }

  #draft(address: Address): Draft {
    if (this.#current?.address === address) return this.#current.draft
    if (++this.#gathered >= GATHERED) this.#flush()
    const before = accountLeaf(this.#version, address)
    const draft: Draft = {
      // On a fork words that the dump does not have are the remote's.
      ...(!this.#isFork && { life: before === undefined ? 'created' : 'recreated' }),
      // What an account without code has sent stays sent, as for Anvil.
      nonce: before?.account.codeHash === EMPTY_CODE_HASH ? before.account.nonce : 0n,
      balanceWei: 0n,
      codeHash: EMPTY_CODE_HASH,
      slots: new Map(),
    }
    this.#begin(address, draft)
    return draft
  }

  #begin(address: Address, draft: Draft): void {
    this.#changes.accounts.set(address, draft)
    this.#current = { address, draft }
  }

  #flush(): void {
    this.#codes.add(this.#changes.codes)
    this.#version = applyChanges(this.#version, this.#changes)
    this.#changes = emptyChangeSet()
    this.#gathered = 0
    // The account that is being read goes on with what it has.
    if (this.#current !== undefined) this.#begin(this.#current.address, { slots: new Map() })
  }
}
