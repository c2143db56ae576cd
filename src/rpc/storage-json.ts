import type { Json } from './backend.ts'
import type { StorageCosts, StorageStats } from './storage-port.ts'

/** What a node's states cost since it started, for each block too. */
export function storageJson({ blocks, disk, ...memory }: StorageStats): Json {
  const { nodesHashed, ...sizes } = memory
  if (disk !== undefined) return { ...sizes, ...costsJson(blocks, disk) }
  const perBlock = { nodesHashed: ratio(nodesHashed, blocks) }
  return { measured: true, blocks, ...memory, perBlock }
}

/**
 * What states cost over so many blocks, for each block too, and what was read and written for each value that changed: read
 * amplification in nodes for each value, write amplification in bytes for each byte.
 */
export function costsJson(blocks: number, costs: StorageCosts): { readonly [name: string]: Json } {
  const perBlock: Record<string, number> = {}
  for (const [name, count] of Object.entries(costs)) perBlock[name] = ratio(count, blocks)
  return {
    measured: true,
    blocks,
    ...costs,
    perBlock,
    readAmplification: ratio(costs.nodesRead, costs.valuesChanged),
    writeAmplification: ratio(costs.bytesWritten, costs.bytesChanged),
  }
}

function ratio(count: number, of: number): number {
  return of === 0 ? 0 : Math.round((100 * count) / of) / 100
}
