import { bigIntToBytes } from '../primitives/bytes.ts'
import { type Hash, bytesToHash } from '../primitives/hex.ts'
import { EMPTY_ROOT, keccak256 } from '../primitives/keccak.ts'
import { bytesToNibbles, packPath, sharedNibbles } from '../primitives/nibbles.ts'
import { encodeRlp, joinRlpList } from '../primitives/rlp.ts'

/** A list's trie is made once and never changed: it is encoded from its leaves up, without nodes that could be. */
interface Entry {
  /** rlp(index) as nibbles. No key is the beginning of another. */
  readonly path: Uint8Array
  readonly item: Uint8Array
}

const NOTHING = Uint8Array.of(0x80)
/** Lists of this many are common; their keys are made once. */
const KEPT_PATHS = 4_096
const paths: Uint8Array[] = []

/**
 * The root over a list: the transactions, receipts and withdrawals roots of a header. Keys are rlp(index).
 *
 * @param items The encodings in order: for transactions and receipts with their type byte (EIP-2718).
 */
export function orderedRoot(items: readonly Uint8Array[]): Hash {
  if (items.length === 0) return EMPTY_ROOT
  const entries = items.map((item, index): Entry => ({ path: pathOf(index), item }))
  // By rlp(index): one byte up to 127, but 0 is 0x80; then all longer keys, which begin with 0x81 and on.
  const zero = entries.shift()!
  entries.splice(Math.min(entries.length, 127), 0, zero)
  return bytesToHash(keccak256(encode(entries, 0, entries.length, 0)))
}

function pathOf(index: number): Uint8Array {
  const kept = paths[index]
  if (kept !== undefined) return kept
  const path = bytesToNibbles(encodeRlp(bigIntToBytes(BigInt(index))))
  if (index < KEPT_PATHS) paths[index] = path
  return path
}

/** The node over `entries` from `first` up to `end`, which agree on their first `depth` nibbles. */
function encode(entries: readonly Entry[], first: number, end: number, depth: number): Uint8Array {
  const { path, item } = entries[first]!
  if (end - first === 1) {
    return joinRlpList([encodeRlp(packPath(path.subarray(depth), true)), encodeRlp(item)])
  }
  const rest = path.subarray(depth)
  const shared = sharedNibbles(rest, entries[end - 1]!.path, depth)
  const branch = encodeBranch(entries, first, end, depth + shared)
  if (shared === 0) return branch
  return joinRlpList([encodeRlp(packPath(rest.subarray(0, shared), false)), refOf(branch)])
}

function encodeBranch(
  entries: readonly Entry[],
  first: number,
  end: number,
  depth: number,
): Uint8Array {
  const parts: Uint8Array[] = Array.from({ length: 17 }, () => NOTHING)
  for (let from = first; from < end;) {
    const nibble = entries[from]!.path[depth]!
    let to = from + 1
    while (to < end && entries[to]!.path[depth] === nibble) to++
    parts[nibble] = refOf(encode(entries, from, to, depth + 1))
    from = to
  }
  return joinRlpList(parts)
}

/** How a parent names a node: by its hash, or as it is when that is shorter (yellow paper, appendix D). */
function refOf(node: Uint8Array): Uint8Array {
  return node.length < 32 ? node : encodeRlp(keccak256(node))
}
