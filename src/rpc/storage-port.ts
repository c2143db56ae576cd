/** What states cost, measured: how much was read and written for what changed. */
export interface StorageCosts {
  readonly nodesHashed: number
  /** From disk, for calls and queries too. */
  readonly nodesRead: number
  /** Accounts and slots, and their bytes as they are kept. */
  readonly valuesChanged: number
  readonly bytesChanged: number
  /** Keys and values, before LevelDB compresses them. */
  readonly recordsWritten: number
  readonly bytesWritten: number
  /** By pruning. */
  readonly recordsDeleted: number
}

/** What the store of states did since the start. */
export interface StorageStats {
  /** Blocks made or imported since the start. */
  readonly blocks: number
  readonly nodesHashed: number
  /** Of nodes in memory. */
  readonly usedBytes: number
  readonly memoryBytes: number
  /** None in memory. */
  readonly disk: StorageCosts | undefined
}
