import type { ChainStore } from '../chain/chain-store.ts'
import type { DevChain } from '../chain/dev-chain.ts'

/**
 * Writes to the store what becomes of the chain.
 * @param identity as the chain was opened with @param kept the highest block that the store has
 */
export function keep(dev: DevChain, store: ChainStore, identity: string, kept: bigint): void {
  const { history } = dev.chain
  const genesis = history.genesis.block.header.number
  /** Blocks up to here are in the store as they are in the chain. */
  let same = kept
  /** The store has blocks up to here, perhaps old ones. */
  let highest = kept
  const save = (): void => {
    const head = history.head.block.header.number
    // The head is written again: a cheat may have changed its state.
    const first = same < head ? same + 1n : head
    const dropped = highest > head ? highest - head : 0n
    store.save([...history.range(first, head)], genesis, dropped, identity)
    same = head
    highest = head
  }
  if (history.head.block.header.number !== kept) save()
  dev.listen((event) => {
    switch (event.kind) {
      case 'removed':
        same = event.records[0]!.block.header.number - 1n
        return
      case 'mined':
      case 'imported':
      case 'changed':
        save()
        return
      case 'pooled':
      case 'dropped':
        return
    }
  })
}
