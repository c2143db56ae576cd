import { type RecordMemory, type TransactionRecord, recordMemory } from '../../state/record.ts'
import type { Machine } from './machine.ts'

const SLAB_BYTES = 128 * 1024
/** A record this large has memory of its own. */
const MAX_SHARED_BYTES = 16 * 1024

/** Memory for records, many in one piece: an ArrayBuffer for each costs more than running a transfer. */
export class RecordSlab {
  #memory: RecordMemory | undefined
  #next = 0

  /** A copy of the machine's record. */
  keep(machine: Machine): TransactionRecord {
    const size = machine.recordSize
    if (size > MAX_SHARED_BYTES) return copyTo(recordMemory(new ArrayBuffer(size)), 0, machine)
    if (this.#memory === undefined || this.#next + size > SLAB_BYTES) {
      this.#memory = recordMemory(new ArrayBuffer(SLAB_BYTES))
      this.#next = 0
    }
    const at = this.#next
    this.#next += size
    return copyTo(this.#memory, at, machine)
  }
}

function copyTo(memory: RecordMemory, at: number, machine: Machine): TransactionRecord {
  machine.copyRecord(memory.u8, at)
  return { memory, at }
}
