import type { Chain } from '../../chain/chain.ts'
import { readHeader, readTransactions } from '../../model/codec/json-block.ts'
import { DecodeError } from '../../model/codec/field.ts'
import { readObject } from '../../model/genesis-read.ts'
import { describeRejection } from '../../model/rejection.ts'
import { type Hex, toQuantity } from '../../primitives/hex.ts'
import { ForkConfigError } from './fork-config.ts'
import type { Fork } from './open-fork.ts'

/**
 * Makes the block after the forked one as the remote chain has it, up to and with one of its transactions.
 * @throws {ForkConfigError} when it does not come out here
 */
export async function replayUpTo(chain: Chain, fork: Fork, hash: Hex): Promise<void> {
  const { remote, number } = fork.block
  const json = await remote.ask('eth_getBlockByNumber', [toQuantity(number + 1n), true])
  try {
    const block = readObject(json, 'block')
    const header = readHeader(block, 'block')
    const all = readTransactions(block, 'block')
    const last = all.findIndex((tx) => tx.hash === hash.toLowerCase())
    if (last < 0) throw new ForkConfigError(`fork: block ${number + 1n} has no transaction ${hash}`)
    const built = await chain.build(
      {
        timestamp: header.timestamp,
        beneficiary: header.beneficiary,
        gasLimit: header.gasLimit,
        baseFeeWei: header.baseFeePerGasWei,
        prevRandao: header.mixHash,
        parentBeaconBlockRoot: header.parentBeaconBlockRoot,
        extraData: header.extraData,
      },
      { transactions: all.slice(0, last + 1) },
    )
    const [skipped] = built.executed.skipped
    if (skipped !== undefined) {
      const why = describeRejection(skipped.rejection)
      throw new ForkConfigError(
        `fork: transaction ${skipped.index} of block ${number + 1n} cannot be executed here: ${why}`,
      )
    }
    chain.commit(built)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw new ForkConfigError(`fork: block ${number + 1n} of ${remote.name}: ${error.message}`)
  }
}
