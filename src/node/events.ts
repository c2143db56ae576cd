import type { Block } from '../model/block.ts'
import type { Receipt } from '../model/receipt.ts'
import type { Transaction } from '../model/transaction.ts'

/** What the node tells whoever writes its log. */
export type NodeEvent =
  | {
      readonly kind: 'request'
      readonly method: string
      readonly ms: number
      readonly error?:
        | {
            readonly code: number
            readonly message: string
            /** Where in the sources a call failed, the innermost first. */
            readonly trace?: readonly string[]
          }
        | undefined
    }
  | {
      readonly kind: 'mined'
      readonly block: Block
      readonly transactions: readonly MinedTransaction[]
      readonly executor: string
      /** Milliseconds of execution, measured. */
      readonly ms: number
    }
  | {
      readonly kind: 'call'
      readonly method: string
      readonly console: readonly string[]
      /** The calls that it made, a line each; with `--print-traces`. */
      readonly trace: readonly string[]
    }
  | { readonly kind: 'notice'; readonly level: 'info' | 'warn' | 'error'; readonly text: string }

export interface MinedTransaction {
  readonly transaction: Transaction
  readonly receipt: Receipt
  /** `Token.transfer`, or the selector when no artefact names it; `Token (new)` for a creation. */
  readonly label: string
  /** What went wrong, decoded: `execution reverted: boom`. */
  readonly failure: string | undefined
  /** Where in the sources it failed, a line for each frame, the innermost first; none without artefacts. */
  readonly stack: readonly string[]
  /** The calls that it made, a line each; with `--print-traces`. */
  readonly trace: readonly string[]
  /** Lines of console.log, in order. */
  readonly console: readonly string[]
}

export type NodeListener = (event: NodeEvent) => void
