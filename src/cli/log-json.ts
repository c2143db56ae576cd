import type { MinedTransaction, NodeEvent } from '../node/events.ts'

/** An event for machines: one line of JSON. Wei is decimal text, gas and block numbers are numbers, times are milliseconds. */
export function renderJson(event: NodeEvent): string {
  return `${JSON.stringify(toObject(event))}\n`
}

function toObject(event: NodeEvent): object {
  if (event.kind !== 'mined') return event
  const { block, transactions, executor, ms } = event
  return {
    kind: 'mined',
    number: Number(block.header.number),
    hash: block.hash,
    timestamp: Number(block.header.timestamp),
    gasUsed: Number(block.header.gasUsed),
    transactions: transactions.map(toTransaction),
    executor,
    ms,
  }
}

function toTransaction(mined: MinedTransaction): object {
  const { transaction, receipt } = mined
  return {
    hash: transaction.hash,
    label: mined.label,
    from: transaction.sender,
    to: transaction.to,
    ...(receipt.contractAddress === null ? {} : { contractAddress: receipt.contractAddress }),
    valueWei: String(transaction.valueWei),
    gasUsed: Number(receipt.gasUsed),
    gasLimit: Number(transaction.gasLimit),
    success: receipt.outcome.success,
    ...(mined.failure === undefined ? {} : { failure: mined.failure }),
    ...(mined.stack.length === 0 ? {} : { stack: mined.stack }),
    ...(mined.trace.length === 0 ? {} : { trace: mined.trace }),
    ...(mined.console.length === 0 ? {} : { console: mined.console }),
  }
}
