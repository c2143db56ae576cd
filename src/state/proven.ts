import type { Account } from '../model/account.ts'
import { bytesToBigInt } from '../primitives/bytes.ts'
import {
  type Address,
  type Hash,
  type Hex,
  type Slot,
  bytesToHash,
  hexToBytes,
} from '../primitives/hex.ts'
import { EMPTY_ROOT } from '../primitives/keccak.ts'
import { decodeRlp } from '../primitives/rlp.ts'
import { verifyProof } from '../store/proof.ts'
import { secureKey } from './secure-key.ts'

/** What a proof shows of an account under a state root. `account` is undefined when there is none. */
type ProvenAccount =
  | {
      readonly kind: 'proven'
      readonly account: Account | undefined
      readonly storageRoot: Hash
    }
  | { readonly kind: 'invalid'; readonly detail: string }

/** Reads an account out of a proof of EIP-1186. */
export function provenAccount(root: Hex, address: Address, proof: readonly Hex[]): ProvenAccount {
  const found = verifyProof(root as Hash, secureKey(address), proof.map(hexToBytes))
  if (found.kind === 'invalid') return found
  if (found.kind === 'absent')
    return { kind: 'proven', account: undefined, storageRoot: EMPTY_ROOT }
  const [nonce, balance, storage, code] = itemsOf(found.value)
  if (nonce === undefined || balance === undefined || storage === undefined || code === undefined) {
    return { kind: 'invalid', detail: 'what it leads to is no account' }
  }
  const codeHash = bytesToHash(code)
  const account = { nonce: bytesToBigInt(nonce), balanceWei: bytesToBigInt(balance), codeHash }
  return { kind: 'proven', account, storageRoot: bytesToHash(storage) }
}

/** Reads a slot out of a proof of EIP-1186. */
export function provenSlot(
  storageRoot: Hash,
  key: Slot,
  proof: readonly Hex[],
):
  | { readonly kind: 'proven'; readonly value: bigint }
  | { readonly kind: 'invalid'; readonly detail: string } {
  const found = verifyProof(storageRoot, secureKey(key), proof.map(hexToBytes))
  if (found.kind === 'invalid') return found
  if (found.kind === 'absent') return { kind: 'proven', value: 0n }
  const value = decodeRlp(found.value)
  if (!(value instanceof Uint8Array))
    return { kind: 'invalid', detail: 'what it leads to is no word' }
  return { kind: 'proven', value: bytesToBigInt(value) }
}

function itemsOf(rlp: Uint8Array): readonly (Uint8Array | undefined)[] {
  const items = decodeRlp(rlp)
  if (!Array.isArray(items)) return []
  return items.map((item) => (item instanceof Uint8Array ? item : undefined))
}
