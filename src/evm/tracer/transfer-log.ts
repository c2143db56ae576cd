import type { Log } from '../../model/receipt.ts'
import { TRANSFER_LOG_ADDRESS } from '../../model/simulation.ts'
import { bigIntToFixedBytes } from '../../primitives/bytes.ts'
import { type Address, type Hash, parseHash } from '../../primitives/hex.ts'
import type { FrameStart, Observer } from '../observer.ts'

/** Transfer(address,address,uint256) */
const TRANSFER_TOPIC = parseHash(
  '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef',
)

export interface TransferLog {
  readonly observer: Required<Pick<Observer, 'frameStart' | 'frameEnd' | 'log'>>
  /** What lasted: the logs of frames that did not fail, transfers of ether among them as they happened. */
  logs(): readonly Log[]
}

/** Listens to one transaction and writes transfers of ether down as ERC-20 ones (eth_simulateV1's `traceTransfers`). */
export function createTransferLog(): TransferLog {
  const lasting: Log[] = []
  const open: number[] = []
  return {
    logs: () => lasting,
    observer: {
      frameStart(frame) {
        open.push(lasting.length)
        if (movesEther(frame)) lasting.push(transferOf(frame))
      },
      frameEnd({ error }) {
        const before = open.pop() ?? 0
        if (error !== undefined) lasting.length = before
      },
      log({ address, topics, data }) {
        lasting.push({ address, topics, data: data.slice() })
      },
    },
  }
}

/** A delegate call has its caller's value and CALLCODE pays to the caller itself: nothing moves. */
function movesEther({ kind, valueWei }: FrameStart): boolean {
  return valueWei > 0n && kind !== 'DELEGATECALL' && kind !== 'CALLCODE'
}

function transferOf({ from, to, valueWei }: FrameStart): Log {
  return {
    address: TRANSFER_LOG_ADDRESS,
    topics: [TRANSFER_TOPIC, topicOf(from), topicOf(to)],
    data: bigIntToFixedBytes(valueWei, 32),
  }
}

function topicOf(address: Address): Hash {
  return `0x${address.slice(2).padStart(64, '0')}` as Hash
}
