import { createNode } from '../../node/create-node.ts'
import { DEFAULT_NODE_CONFIG } from '../../node/defaults.ts'
import { type Ask, askInside, askOver } from './client.ts'

/** Fixed, so that a scenario gives the same bytes on any day. */
const GENESIS_TIMESTAMP = 1_700_000_000n
const GAS_LIMIT = 1_000_000_000n

/**
 * Does work with the node at `url`, or with one of its own in this process that is the same each time.
 * @param artefacts the folder of artefacts of an own node, when not the usual ones
 */
export async function withNode<T>(
  url: string | undefined,
  artefacts: string | undefined,
  work: (ask: Ask) => Promise<T>,
): Promise<T> {
  if (url !== undefined) return work(askOver(url))
  await using node = await createNode({
    workers: 1,
    executor: 'serial',
    genesisTimestamp: GENESIS_TIMESTAMP,
    gasLimit: GAS_LIMIT,
    enforceTxGasCap: false,
    codeSizeLimit: Number.POSITIVE_INFINITY,
    maxBundle: Number.MAX_SAFE_INTEGER,
    artefactDirs: artefacts === undefined ? DEFAULT_NODE_CONFIG.artefactDirs : [artefacts],
  })
  const ask = askInside(node)
  // A second a block, whatever the clock says.
  await ask('anvil_setBlockTimestampInterval', 1)
  // Awaited here: the node closes when this function ends.
  return await work(ask)
}
