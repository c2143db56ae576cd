import { encodeRlp } from '../../primitives/rlp.ts'
import type { Withdrawal } from '../block.ts'
import { type FieldCodec, address, recordOf, uint64 } from './field.ts'

export const withdrawal: FieldCodec<Withdrawal> = recordOf<Withdrawal>([
  { name: 'index', codec: uint64 },
  { name: 'validatorIndex', codec: uint64 },
  { name: 'address', codec: address },
  { name: 'amountGwei', codec: uint64 },
])

/** The RLP of one withdrawal, as the withdrawals trie holds it (EIP-4895). */
export function encodeWithdrawal(value: Withdrawal): Uint8Array {
  return encodeRlp(withdrawal.encode(value))
}
