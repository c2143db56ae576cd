import type { Withdrawal } from '../../model/block.ts'
import { invalidParams } from '../error.ts'
import { type Decoder, fieldsOf, mapped } from './decoder.ts'
import { address, uint64 } from './scalar.ts'

/** A withdrawal whole (EIP-4895); `amount` is gwei. */
export const withdrawal: Decoder<Withdrawal> = mapped(
  fieldsOf({ index: uint64, validatorIndex: uint64, address, amount: uint64 }),
  ({ index, validatorIndex, address: to, amount }, path) => {
    if (
      index === undefined ||
      validatorIndex === undefined ||
      to === undefined ||
      amount === undefined
    ) {
      throw invalidParams(`\`${path}\`: expected index, validatorIndex, address and amount`)
    }
    return { index, validatorIndex, address: to, amountGwei: amount }
  },
)
