import type { BlockRecord } from '../../chain/block-record.ts'
import { bytesToHex, toQuantity } from '../../primitives/hex.ts'
import type { Json } from '../../rpc/backend.ts'
import { type AccountEntry, type Version, accountsOf, slotsOf } from '../../state/world.ts'
import type { PinnedChain } from './pinned-chain.ts'
import { list } from './texts.ts'

const STOP = 0x00
const JUMPDEST = 0x5b
const PUSH1 = 0x60
const PUSH32 = 0x7f
/** EIP-7702: the code of an account that delegates is this and an address. */
const DELEGATION = '0xef0100'
const DELEGATION_BYTES = 23

/** The states of blocks, each whole, as Anvil's engine keeps them. Blocks whose state is not kept are left out. */
export function* statesTexts(chain: PinnedChain): Generator<string> {
  yield '['
  yield* list(withState(chain.records()), function* ({ record, version }) {
    yield `["${record.block.hash}",{"accounts":{`
    yield* list(accountsOf(version), (entry) => accountTexts(chain, entry))
    yield '},"storage":{'
    yield* list(accountsOf(version), storageTexts)
    yield '},"block_hashes":{}}]'
  })
  yield ']'
}

function* withState(
  records: Iterable<BlockRecord>,
): Generator<{ readonly record: BlockRecord; readonly version: Version }> {
  for (const record of records) {
    const { version } = record
    if (version !== undefined) yield { record, version }
  }
}

function* accountTexts(chain: PinnedChain, { address, leaf }: AccountEntry): Generator<string> {
  const { balanceWei, nonce, codeHash } = leaf.account
  const json = {
    balance: toQuantity(balanceWei),
    nonce: Number(nonce),
    code_hash: codeHash,
    code: codeJson(chain.codes.get(codeHash)),
  }
  yield `"${address}":${JSON.stringify(json)}`
}

function* storageTexts({ address, leaf }: AccountEntry): Generator<string> {
  yield `"${address}":{`
  yield* list(slotsOf(leaf), function* ({ key, value }) {
    yield `"${toQuantity(BigInt(key))}":"${toQuantity(value)}"`
  })
  yield '}'
}

function codeJson(code: Uint8Array): Json {
  const hex = bytesToHex(code)
  if (code.length === DELEGATION_BYTES && hex.startsWith(DELEGATION)) {
    return { Eip7702: { delegated_address: `0x${hex.slice(DELEGATION.length)}` } }
  }
  const { jumps, padding } = analysis(code)
  return {
    LegacyAnalyzed: {
      bytecode: `${hex}${'00'.repeat(padding)}`,
      original_len: code.length,
      jump_table: {
        order: 'bitvec::order::Lsb0',
        head: { width: 8, index: 0 },
        bits: code.length,
        data: [...jumps],
      },
    },
  }
}

/** Where a jump may lead, a bit for each byte, lowest first; and how many bytes of zero make the code end in STOP. */
function analysis(code: Uint8Array): { readonly jumps: Uint8Array; readonly padding: number } {
  const jumps = new Uint8Array(Math.ceil(code.length / 8))
  let at = 0
  let last = PUSH1
  while (at < code.length) {
    last = code[at]!
    if (last === JUMPDEST) jumps[at >> 3]! |= 1 << (at & 7)
    at += last >= PUSH1 && last <= PUSH32 ? last - PUSH1 + 2 : 1
  }
  return { jumps, padding: at - code.length + (last === STOP ? 0 : 1) }
}
