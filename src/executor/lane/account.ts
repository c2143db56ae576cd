import { deserialize, serialize } from 'node:v8'

import type { LaneRun } from './merge.ts'
import type { LaneAccount } from './protocol.ts'

/** What a lane did, when it is done. */
export function accountOf({ lane, attempts, aborts, leftOut, chaos }: LaneRun): LaneAccount {
  return { lane, attempts: attempts.packed(), aborts, leftOut, trace: chaos?.trace ?? 0 }
}

/** The same as bytes: a message would wait for the event loop of the thread that gets it. */
export function packAccount(run: LaneRun): Uint8Array {
  return serialize(accountOf(run))
}

export function unpackAccount(bytes: Uint8Array): LaneAccount {
  return deserialize(bytes) as LaneAccount
}
