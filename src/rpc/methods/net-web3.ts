import { keccak256 } from '../../primitives/keccak.ts'
import type { Json } from '../backend.ts'
import {
  booleanOut,
  bytesOut,
  hexOut,
  jsonOut,
  numberOut,
  quantityOut,
  textOut,
} from '../codec/encoder.ts'
import { bytes } from '../codec/scalar.ts'
import { describeCapabilities, describeConfig } from '../fork-config.ts'
import { type MethodTable, method, param } from '../method.ts'

/** What the node is. */
export const netWeb3: MethodTable = {
  web3_clientVersion: method([], textOut, ({ backend }) => backend.info().clientVersion),
  web3_sha3: method([param('data', bytes)], bytesOut, (_, data) => keccak256(data)),
  net_version: method([], textOut, ({ backend }) => backend.chain.config.chainId.toString()),
  eth_networkId: method([], textOut, ({ backend }) => backend.chain.config.chainId.toString()),
  net_listening: method([], booleanOut, () => true),
  net_peerCount: method([], quantityOut, () => 0),
  rpc_modules: method([], jsonOut, ({ methodNames }): Json => {
    const spaces = new Set(methodNames.map((name) => name.slice(0, name.indexOf('_'))))
    return Object.fromEntries([...spaces].toSorted().map((space) => [space, '1.0']))
  }),
  eth_chainId: method([], quantityOut, ({ backend }) => backend.chain.config.chainId),
  eth_protocolVersion: method([], numberOut, () => 1),
  eth_syncing: method([], booleanOut, () => false),
  eth_mining: method([], booleanOut, ({ backend }) => backend.control.isAutomine()),
  eth_hashrate: method([], quantityOut, () => 0),
  eth_coinbase: method([], hexOut, async ({ backend }) => {
    const next = await backend.chain.block({ kind: 'tag', tag: 'pending' })
    return (next?.block ?? backend.chain.head()).header.beneficiary
  }),
  eth_capabilities: method([], jsonOut, async ({ backend }): Promise<Json> => {
    const head = backend.chain.head()
    const earliest = await backend.chain.block({ kind: 'tag', tag: 'earliest' })
    return describeCapabilities(
      head,
      earliest?.block.header.number ?? 0n,
      backend.info().keptStates,
    )
  }),
  eth_config: method([], jsonOut, async ({ backend }) => {
    const genesis = await backend.chain.block({ kind: 'tag', tag: 'earliest' })
    return describeConfig(backend.chain.config, genesis?.block, backend.chain.head().header)
  }),
}
