import type { AccountAccess, StepChange } from '../../model/block-access-list.ts'
import { bytesToHex, slotOf, toQuantity } from '../../primitives/hex.ts'
import type { Json } from '../backend.ts'
import { invalidParams } from '../error.ts'
import { type Decoder, fieldsOf, listOf, mapped } from './decoder.ts'
import { type Encoder, listOut, objectOut } from './encoder.ts'
import { address, bytes, count, slot, uint256, uint64 } from './scalar.ts'

/** EIP-7928's list as execution-apis has it: words are 32 bytes, all else are quantities. */
export const blockAccessListOut: Encoder<readonly AccountAccess[]> = listOut(
  objectOut('account access', (account) => ({
    address: account.address,
    storageChanges: account.storageChanges.map(({ key, changes }) => ({
      key,
      changes: encodeSteps(changes, slotOf),
    })),
    storageReads: account.storageReads,
    balanceChanges: encodeSteps(account.balanceChanges, toQuantity),
    nonceChanges: encodeSteps(account.nonceChanges, toQuantity),
    codeChanges: account.codeChanges.map(({ index, value }) => ({
      index: toQuantity(index),
      code: bytesToHex(value),
    })),
  })),
)

function encodeSteps<T>(changes: readonly StepChange<T>[], encode: (value: T) => Json): Json {
  return changes.map(({ index, value }) => ({ index: toQuantity(index), value: encode(value) }))
}

/** EIP-7928 counts steps in 32 bits. */
const stepIndex = count(2 ** 32 - 1)

/** A change with its value under `name`. Both members are required. */
function stepOf<T>(name: 'value' | 'code', value: Decoder<T>): Decoder<StepChange<T>> {
  return mapped(fieldsOf({ index: stepIndex, [name]: value }), (read, path) => {
    const { index } = read
    const found = read[name] as T | undefined
    if (index === undefined || found === undefined) {
      throw invalidParams(`\`${path}\`: expected index and ${name}`)
    }
    return { index: index as number, value: found }
  })
}

const words = listOf(stepOf('value', uint256))

const slotChanges = mapped(fieldsOf({ key: slot, changes: words }), ({ key, changes }, path) => {
  if (key === undefined || changes === undefined) {
    throw invalidParams(`\`${path}\`: expected key and changes`)
  }
  return { key, changes }
})

/** As it is written; lists that are left out are empty. The order is left as it is. */
export const blockAccessList: Decoder<readonly AccountAccess[]> = listOf(
  mapped(
    fieldsOf({
      address,
      storageChanges: listOf(slotChanges),
      storageReads: listOf(slot),
      balanceChanges: words,
      nonceChanges: listOf(stepOf('value', uint64)),
      codeChanges: listOf(stepOf('code', bytes)),
    }),
    (read, path): AccountAccess => {
      if (read.address === undefined) throw invalidParams(`\`${path}\`: expected address`)
      return {
        address: read.address,
        storageChanges: read.storageChanges ?? [],
        storageReads: read.storageReads ?? [],
        balanceChanges: read.balanceChanges ?? [],
        nonceChanges: read.nonceChanges ?? [],
        codeChanges: read.codeChanges ?? [],
      }
    },
  ),
)
