import type { BlockRecord, LiveRecord } from '../../chain/block-record.ts'
import type { DevChain } from '../../chain/dev-chain.ts'
import type { BlockSettings } from '../../chain/settings.ts'
import type { ChainConfig } from '../../model/fork.ts'
import type { CodeStore } from '../../state/codes.ts'

/** Another chain came in the place of the one that is being read. */
export class ReplacedError extends Error {
  override readonly name = 'ReplacedError'
}

/**
 * The chain as it was at one moment, to be read through in pieces while blocks go on. Its head's state is held; blocks that are taken
 * back meanwhile are kept until `release`.
 */
export class PinnedChain {
  readonly head: LiveRecord
  readonly settings: BlockSettings
  readonly config: ChainConfig
  readonly codes: CodeStore
  readonly #dev: DevChain
  /** Taken back since, by number. */
  readonly #removed = new Map<bigint, BlockRecord>()
  readonly release: () => void

  constructor(dev: DevChain) {
    const { head, config, codes } = dev.chain
    this.head = head
    this.settings = dev.settings
    this.config = config
    this.codes = codes
    this.#dev = dev
    this.release = dev.listen((event) => {
      if (event.kind === 'removed') this.#keep(event.records)
    })
  }

  #keep(records: readonly BlockRecord[]): void {
    for (const record of records) {
      const { number } = record.block.header
      // What was taken back first is what was there.
      if (number < this.head.block.header.number && !this.#removed.has(number)) {
        this.#removed.set(number, record)
      }
    }
  }

  /** All blocks, oldest first. @throws {ReplacedError} when the chain is another since */
  *records(): Generator<BlockRecord> {
    const { history } = this.#dev.chain
    const last = this.head.block.header.number
    let parent: BlockRecord | undefined
    for (let number = history.genesis.block.header.number; number < last; number++) {
      const record = this.#removed.get(number) ?? history.byNumber(number)
      parent = this.#next(parent, record)
      yield parent
    }
    yield this.#next(parent, this.head)
  }

  #next(parent: BlockRecord | undefined, record: BlockRecord | undefined): BlockRecord {
    const isLinked = parent === undefined || record?.block.header.parentHash === parent.block.hash
    if (record !== undefined && isLinked) return record
    throw new ReplacedError('another chain was loaded while it was read')
  }
}
