import { type Hash, hexToBytes } from '../../primitives/hex.ts'
import type { Json } from '../backend.ts'
import { text } from '../codec/decoder.ts'
import { booleanOut, bytesOut, jsonOut, nullable, numberOut } from '../codec/encoder.ts'
import { address, hash, uint256, uint64 } from '../codec/scalar.ts'
import { withdrawal } from '../codec/withdrawal.ts'
import { invalidParams } from '../error.ts'
import { done } from '../failure.ts'
import { type Context, type MethodTable, method, param } from '../method.ts'

/** Bytes of a block's extra data. */
const MAX_EXTRA = 32

/** A blob that a transaction brought along, by its versioned hash. */
function blobOf({ backend }: Context, wanted: Hash): Promise<Uint8Array | undefined> {
  return search(backend.chain.head().header.number)

  async function search(head: bigint): Promise<Uint8Array | undefined> {
    const waiting = Object.values(backend.pool.content()).flat()
    const inPool = blobIn(waiting)
    if (inPool !== undefined) return inPool
    for (let number = head; number >= 0n; number--) {
      const found = await backend.chain.block({ kind: 'number', number })
      if (found === undefined) return undefined
      const blob = blobIn(found.block.transactions)
      if (blob !== undefined) return blob
    }
    return undefined
  }

  function blobIn(transactions: ReturnType<typeof backend.pool.content>['pending']) {
    for (const tx of transactions) {
      const place = tx.type === 3 ? tx.blobVersionedHashes.indexOf(wanted) : -1
      if (place >= 0) return backend.pool.sidecar(tx.hash)?.blobs[place]
    }
    return undefined
  }
}

/** Geth's names for cheats of `geth --dev`, and what a node without peers can say of itself. */
export const nodeAdmin: MethodTable = {
  anvil_getBlobByHash: method([param('versionedHash', hash)], nullable(bytesOut), blobOf),
  anvil_getLastBlockWallTime: method(
    [],
    nullable(numberOut),
    ({ backend }) => backend.info().lastBlockAtMs,
  ),
  miner_setGasLimit: method([param('gasLimit', uint64)], booleanOut, ({ backend }, gas) => {
    done(backend.control.setBlockGasLimit(gas))
    return true
  }),
  miner_setGasPrice: method([param('gasPrice', uint256)], booleanOut, ({ backend }, wei) => {
    done(backend.control.setMinGasPrice(wei))
    return true
  }),
  miner_setExtra: method([param('extraData', text)], booleanOut, ({ backend }, extra) => {
    const data = /^0x(?:[0-9a-f]{2})*$/i.test(extra) ? hexToBytes(extra) : Buffer.from(extra)
    if (data.length > MAX_EXTRA) {
      throw invalidParams(`\`extraData\`: expected at most ${MAX_EXTRA} bytes, got ${data.length}`)
    }
    backend.control.setExtraData(new Uint8Array(data))
    return true
  }),
  dev_addWithdrawal: method(
    [param('withdrawal', withdrawal)],
    nullable(jsonOut),
    async ({ backend }, wanted) => {
      done(await backend.control.addWithdrawal(wanted))
      return undefined
    },
  ),
  dev_setFeeRecipient: method(
    [param('address', address)],
    nullable(jsonOut),
    ({ backend }, coinbase) => {
      backend.control.setCoinbase(coinbase)
      return undefined
    },
  ),
  admin_peers: method([], jsonOut, () => []),
  admin_nodeInfo: method([], jsonOut, ({ backend }): Json => {
    const { clientVersion } = backend.info()
    const { chain } = backend
    const chainId = Number(chain.config.chainId)
    const eth = { network: chainId, head: chain.head().hash, config: { chainId } }
    return { name: clientVersion, ports: { discovery: 0, listener: 0 }, protocols: { eth } }
  }),
}
