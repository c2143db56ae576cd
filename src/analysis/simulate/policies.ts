import { bal } from './bal.ts'
import { batch } from './batch.ts'
import { blockStm } from './block-stm.ts'
import { dag } from './dag.ts'
import { locks } from './locks.ts'
import { occRounds } from './occ-rounds.ts'
import { optimistic } from './optimistic.ts'
import { ownership } from './ownership.ts'
import type { Policy } from './policy.ts'
import { serial } from './serial.ts'
import { strict } from './strict.ts'

/** All policies, in the order in which they are compared. */
export const POLICIES: readonly Policy[] = [
  serial,
  optimistic,
  blockStm,
  dag,
  bal,
  occRounds,
  locks('contract'),
  locks('page256'),
  locks('page128'),
  locks('slot'),
  ownership(),
  strict,
  batch,
]
