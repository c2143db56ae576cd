import { workerData } from 'node:worker_threads'

import { helpToSeal } from '../../state/lane-sealer.ts'
import { LaneThread } from './block.ts'
import type { LaneAnswer, LaneTask } from './protocol.ts'
import type { Session } from './session.ts'
import { SignatureQueue } from './signature-queue.ts'

let thread: LaneThread | undefined

/** A lane's entry: Piscina calls it with one task at a time. */
export default function run(task: LaneTask): LaneAnswer | Promise<LaneAnswer> {
  switch (task.kind) {
    case 'recover':
      new SignatureQueue(task.queue).serve()
      return { kind: 'recovered' }
    case 'seal':
      helpToSeal(task.task)
      return { kind: 'sealed' }
    case 'block':
      thread ??= new LaneThread(workerData as Session)
      return thread.work(task).then(() => ({ kind: 'worked' }))
  }
}
