import type { DevChain } from '../chain/dev-chain.ts'
import type { Transaction } from '../model/transaction.ts'
import { checksumAddress } from '../primitives/checksum.ts'
import type { Address } from '../primitives/hex.ts'

/** Clients that send many at once send them out of order: a gap that is still there after this long is one. */
const PATIENCE_MS = 2_000

/**
 * Tells of transactions that wait for a nonce that nobody sends, once for each sender: a wallet that remembers a chain that is no more
 * sends so. @returns what ends the watch
 */
export function watchNonces(dev: DevChain, tell: (text: string) => void): () => void {
  const told = new Set<Address>()
  const timers = new Set<NodeJS.Timeout>()
  const look = (tx: Transaction): void => {
    const next = nextNonce(dev, tx.sender)
    const isWaiting = dev.pool.get(tx.hash) !== undefined
    if (!isWaiting || tx.nonce <= next || told.has(tx.sender)) return
    told.add(tx.sender)
    tell(gapText(tx, next))
  }
  const stop = dev.listen((event) => {
    if (event.kind === 'changed') told.clear()
    if (event.kind !== 'pooled') return
    const { tx } = event
    if (told.has(tx.sender) || tx.nonce <= nextNonce(dev, tx.sender)) return
    const timer = setTimeout(() => {
      timers.delete(timer)
      look(tx)
    }, PATIENCE_MS)
    timer.unref()
    timers.add(timer)
  })
  return () => {
    stop()
    for (const timer of timers) clearTimeout(timer)
  }
}

/** The first nonce that is neither used nor waiting. */
function nextNonce(dev: DevChain, sender: Address): bigint {
  return dev.pool.nextNonce(sender, dev.view.account(sender)?.nonce ?? 0n)
}

function gapText({ hash, sender, nonce }: Transaction, next: bigint): string {
  return (
    `transaction ${hash} waits: it has nonce ${nonce}, the next of ${checksumAddress(sender)} is ${next}. A wallet that remembers an ` +
    `earlier chain sends so. In MetaMask: Settings, Advanced, Clear activity tab data. Or let the account follow: anvil_setNonce with ` +
    `${nonce}. To keep the chain over restarts: --data-dir`
  )
}
