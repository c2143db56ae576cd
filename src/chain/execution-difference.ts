import type { ExecutedBlock } from '../executor/executor.ts'
import { encodeReceipt } from '../model/codec/receipt.ts'
import { type Hash, bytesToHex } from '../primitives/hex.ts'

/** A block that was executed, and the root of the state it led to. */
export interface ExecutedTo {
  readonly executed: ExecutedBlock
  readonly stateRoot: Hash
}

/** Where two executions of one block part. `index` is of the transaction; values are ready for JSON. */
export interface ExecutionDifference {
  readonly what: string
  readonly index: number | undefined
  readonly expected: string
  readonly got: string
}

/** The first thing in which `other` is not `serial`: transactions in order, then what the block as a whole has. undefined for none. */
export function firstExecutionDifference(
  serial: ExecutedTo,
  other: ExecutedTo,
): ExecutionDifference | undefined {
  const [one, two] = [serial.executed, other.executed]
  for (const index of one.transactions.keys()) {
    for (const [what, of] of ofTransaction) {
      const [expected, got] = [of(one, index), of(two, index)]
      if (expected !== got) return { what, index, expected, got }
    }
  }
  for (const [what, of] of ofBlock) {
    const [expected, got] = [of(serial), of(other)]
    if (expected !== got) return { what, index: undefined, expected, got }
  }
  return undefined
}

const ofTransaction: readonly (readonly [
  string,
  (block: ExecutedBlock, index: number) => string,
])[] = [
  ['transaction', ({ transactions }, index) => transactions[index]?.hash ?? 'none'],
  ['gasUsed', ({ receipts }, index) => `${receipts[index]?.gasUsed}`],
  ['failure', ({ failures }, index) => failures[index] ?? 'none'],
  ['output', ({ outputs }, index) => hexOf(outputs[index])],
  ['receipt', ({ receipts }, index) => hexOf(receipts[index] && encodeReceipt(receipts[index]))],
]

const ofBlock: readonly (readonly [string, (block: ExecutedTo) => string])[] = [
  ['transactions', ({ executed }) => `${executed.transactions.length}`],
  ['gasUsed', ({ executed }) => `${executed.gasUsed}`],
  ['blobGasUsed', ({ executed }) => `${executed.blobGasUsed}`],
  ['receiptsRoot', ({ executed }) => executed.receiptsRoot],
  ['logsBloom', ({ executed }) => hexOf(executed.logsBloom)],
  ['requests', ({ executed }) => (executed.requests ?? []).map(bytesToHex).join()],
  ['stateRoot', ({ stateRoot }) => stateRoot],
]

function hexOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? 'none' : bytesToHex(bytes)
}
