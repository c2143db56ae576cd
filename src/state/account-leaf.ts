import { type Account, EMPTY_ACCOUNT } from '../model/account.ts'
import { bigIntToBytes, bytesToBigInt } from '../primitives/bytes.ts'
import { type Address, type Hash, type Slot, bytesToHash, hexToBytes } from '../primitives/hex.ts'
import { EMPTY_CODE_HASH, EMPTY_ROOT } from '../primitives/keccak.ts'
import { decodeRlp, encodeRlp } from '../primitives/rlp.ts'
import { type Codec, TrieError } from '../store/encode.ts'
import { type NodeLoader, type Trie, emptyTrie, rootBytes, trieAt } from '../store/trie.ts'

/** An account as it stands in a version of the world. */
export interface AccountLeaf {
  readonly account: Account
  readonly storage: Trie<SlotLeaf>
  /** Known unless the leaf was read from disk: the trie itself knows only its hash. */
  readonly address: Address | undefined
}

/** A word of storage, never zero. */
export interface SlotLeaf {
  readonly value: bigint
  /** Known unless the leaf was read from disk. */
  readonly key: Slot | undefined
}

const slotCodec: Codec<SlotLeaf> = {
  encode: ({ value }) => encodeRlp(bigIntToBytes(value)),
  decode(bytes) {
    const item = decodeRlp(bytes)
    if (!(item instanceof Uint8Array)) throw new TrieError('a storage word is a list')
    return { value: bytesToBigInt(item), key: undefined }
  },
}

const emptyStorage: Trie<SlotLeaf> = emptyTrie(slotCodec)

/** A leaf for an account that was not there. */
export function freshLeaf(address: Address): AccountLeaf {
  return { account: EMPTY_ACCOUNT, storage: emptyStorage, address }
}

/** The same storage, wiped. */
export function wipedStorage(): Trie<SlotLeaf> {
  return emptyStorage
}

/** RLP of [nonce, balance, storage root, code hash] (yellow paper, section 4.1). @param load where storage tries are read from. */
export function accountCodec(load: NodeLoader): Codec<AccountLeaf> {
  return {
    encode: ({ account, storage }) =>
      encodeRlp([
        bigIntToBytes(account.nonce),
        bigIntToBytes(account.balanceWei),
        rootBytes(storage),
        codeHashBytes(account.codeHash),
      ]),
    decode(bytes) {
      const items = decodeRlp(bytes)
      if (items instanceof Uint8Array || items.length !== 4) {
        throw new TrieError('an account has four fields')
      }
      const [nonce, balance, root, codeHash] = items.map((item) => {
        if (!(item instanceof Uint8Array)) throw new TrieError('a field of an account is a list')
        return item
      }) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
      const storageRoot = bytesToHash(root)
      return {
        account: {
          nonce: bytesToBigInt(nonce),
          balanceWei: bytesToBigInt(balance),
          codeHash: bytesToHash(codeHash),
        },
        storage: storageRoot === EMPTY_ROOT ? emptyStorage : trieAt(storageRoot, slotCodec, load),
        address: undefined,
      }
    },
  }
}

const EMPTY_CODE_HASH_BYTES = hexToBytes(EMPTY_CODE_HASH)

/** Most accounts have no code. */
function codeHashBytes(hash: Hash): Uint8Array {
  return hash === EMPTY_CODE_HASH ? EMPTY_CODE_HASH_BYTES : hexToBytes(hash)
}
