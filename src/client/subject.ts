/** A transaction as clients write it: `account` or `from`, and amounts as bigint. */
export interface BundleTransaction {
  readonly from?: string | undefined
  /** viem's name for the sender. */
  readonly account?: string | { readonly address: string } | undefined
  readonly to?: string | null | undefined
  readonly value?: bigint | number | string | undefined
  readonly data?: string | undefined
  readonly gas?: bigint | number | string | undefined
  readonly accessList?: readonly {
    readonly address: string
    readonly storageKeys: readonly string[]
  }[]
}

interface WindowOptions {
  /** Run once more as one block on the state that the first found. */
  readonly asBlock?: boolean | undefined
  /** Each with a sender of its own, who stands in for the recorded one. */
  readonly spreadSenders?: boolean | undefined
}

/** A tag, a hash, or a number. */
export type BlockId = string | bigint | number

/** Transactions that are looked at together. */
export type Subject =
  | BlockId
  | ({ readonly block: BlockId } & WindowOptions)
  | ({ readonly last: number } & WindowOptions)
  | ({ readonly fromBlock: BlockId; readonly toBlock: BlockId } & WindowOptions)
  | ({ readonly hashes: readonly string[] } & WindowOptions)
  /** A bundle that was never sent. */
  | {
      readonly transactions: readonly BundleTransaction[]
      /** Run first; they do not count. */
      readonly setup?: readonly BundleTransaction[] | undefined
      readonly block?: BlockId | undefined
      readonly stateOverrides?: Readonly<Record<string, object>> | undefined
    }

/** As `parallel_*` methods take it: numbers as hex, viem's accounts as addresses. */
export function wireSubject(subject: Subject): unknown {
  if (typeof subject !== 'object') return blockOf(subject)
  if ('transactions' in subject) {
    const { transactions, setup, block, stateOverrides } = subject
    return {
      transactions: transactions.map(wireTransaction),
      ...(setup !== undefined && { setup: setup.map(wireTransaction) }),
      ...(block !== undefined && { block: blockOf(block) }),
      ...(stateOverrides !== undefined && { stateOverrides }),
    }
  }
  if ('fromBlock' in subject) {
    const { fromBlock, toBlock } = subject
    return { ...subject, fromBlock: blockOf(fromBlock), toBlock: blockOf(toBlock) }
  }
  return 'block' in subject ? { ...subject, block: blockOf(subject.block) } : subject
}

/** A transaction object of JSON-RPC. */
export function wireTransaction(transaction: BundleTransaction): object {
  const { account, from, value, gas, ...rest } = transaction
  const sender = from ?? (typeof account === 'object' ? account.address : account)
  return {
    ...rest,
    ...(sender !== undefined && { from: sender }),
    ...(value !== undefined && { value: hexOf(value) }),
    ...(gas !== undefined && { gas: hexOf(gas) }),
  }
}

/** A block as JSON-RPC takes it: numbers as hex. */
export function blockOf(block: BlockId): string {
  return typeof block === 'string' ? block : hexOf(block)
}

function hexOf(value: bigint | number | string): string {
  return typeof value === 'string' ? value : `0x${value.toString(16)}`
}
