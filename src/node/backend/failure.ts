import type { Outcome } from '../../evm/engine.ts'
import type { CallFailure, FailureMeaning } from '../../rpc/call-port.ts'

/** An execution that did not succeed, as RPC reports it. */
export function failureOf(
  outcome: Exclude<Outcome, { kind: 'success' }>,
  meaning?: FailureMeaning,
): CallFailure {
  switch (outcome.kind) {
    case 'revert':
      return { kind: 'revert', output: outcome.output, meaning }
    case 'halt':
      return { kind: 'halt', reason: outcome.reason, meaning }
    case 'rejected':
      return outcome
  }
}
