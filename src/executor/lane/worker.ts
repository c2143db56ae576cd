import type { LaneAnswer, LaneTask } from './protocol.ts'
import { recoverPacked } from './recover.ts'

/** A lane's entry: Piscina calls it with one task at a time. */
export default function run(task: LaneTask): LaneAnswer {
  switch (task.kind) {
    case 'recover':
      return { kind: 'recovered', addresses: recoverPacked(task.signatures) }
  }
}
