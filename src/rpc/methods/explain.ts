import type { Json } from '../backend.ts'
import { jsonOut } from '../codec/encoder.ts'
import { hash } from '../codec/scalar.ts'
import { serverError } from '../error.ts'
import type { ExplainedFailure } from '../inspect-port.ts'
import { type MethodTable, method, param } from '../method.ts'

function failureJson({ kind, message, frames }: ExplainedFailure): Json {
  return {
    kind,
    message: message ?? null,
    frames: frames.map((frame) => ({
      address: frame.address,
      contract: frame.contract ?? null,
      function: frame.function ?? null,
      source: frame.source ?? null,
      line: frame.line ?? null,
    })),
  }
}

/** What happened in a transaction, in the words of its sources. */
export const explain: MethodTable = {
  /** `failure` is null when it succeeded; names and lines are of the artefacts that the node watches. */
  heddle_explainTransaction: method(
    [param('transactionHash', hash)],
    jsonOut,
    async ({ backend }, wanted): Promise<Json> => {
      const found = await backend.inspect.explain(wanted)
      if (found.kind === 'unknownBlock') throw serverError(`transaction not found: ${wanted}`)
      if (found.kind === 'noState') {
        throw serverError('state not available: that before its block is not kept any longer')
      }
      const { failure, calls } = found
      return { failure: failure === undefined ? null : failureJson(failure), calls }
    },
  ),
}
