import type { Json } from '../backend.ts'
import { anything } from '../codec/decoder.ts'
import { fieldsOf } from '../codec/decoder.ts'
import { type Encoder, jsonOut } from '../codec/encoder.ts'
import { atLeastOne, count } from '../codec/scalar.ts'
import { invalidParams } from '../error.ts'
import { type MethodTable, method, optional, param } from '../method.ts'
import type { Shown } from '../parallel-port.ts'

function objectNamed(title: string): Encoder<object> {
  return { schema: { title, type: 'object' }, encode: (value) => jsonOut.encode(value as Json) }
}

/** @throws {RpcError} naming the entry that cannot be */
function shown(outcome: Shown): object {
  if (outcome.kind === 'shown') return outcome.value
  throw invalidParams(
    outcome.kind === 'refused'
      ? outcome.reason
      : `\`${outcome.name}\`: not known here; there are ${outcome.known.join(', ')}`,
  )
}

/** Of the timeline. */
const MOST_BLOCKS = 1_024
const DEFAULT_BLOCKS = 64
/** A day. */
const MOST_MS = 86_400_000

const timelineOptions = fieldsOf({ last: atLeastOne(MOST_BLOCKS) })

/** Consensus among simulated validators (`--consensus monad` and its like): what it does, and what goes wrong with it. */
export const consensus: MethodTable = {
  parallel_consensusStatus: method([], objectNamed('consensus status'), ({ backend }) =>
    backend.consensus.status(),
  ),
  parallel_consensusTimeline: method(
    [optional('options', timelineOptions, {})],
    objectNamed('consensus timeline'),
    ({ backend }, { last = DEFAULT_BLOCKS }) => backend.consensus.timeline(last),
  ),
  parallel_injectFault: method(
    [param('fault', anything)],
    objectNamed('faults'),
    ({ backend }, fault) => shown(backend.consensus.injectFault(fault)),
  ),
  parallel_advance: method(
    [param('ms', count(MOST_MS))],
    objectNamed('consensus status'),
    async ({ backend }, ms) => shown(await backend.consensus.advance(ms)),
  ),
}
