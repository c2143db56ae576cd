import type { Outcome } from '../../evm/engine.ts'
import type { CallFailure } from '../../rpc/call-port.ts'

/** An execution that did not succeed, as RPC reports it. */
export function failureOf(outcome: Exclude<Outcome, { kind: 'success' }>): CallFailure {
  switch (outcome.kind) {
    case 'revert':
      return { kind: 'revert', output: outcome.output }
    case 'halt':
      return { kind: 'halt', reason: outcome.reason }
    case 'rejected':
      return outcome
  }
}
