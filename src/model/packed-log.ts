import type { Address, Hash } from '../primitives/hex.ts'
import type { Log } from './receipt.ts'

const ADDRESS = 20
const WORD = 32
const FIRST_TOPIC = ADDRESS + 1

/** A log as one piece of bytes: 20 of address, the number of topics, 32 of each topic, the data. Text is made when it is asked for. */
export class PackedLog implements Log {
  readonly bytes: Buffer

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  get address(): Address {
    return `0x${this.bytes.toString('hex', 0, ADDRESS)}` as Address
  }

  get topicCount(): number {
    return this.bytes[ADDRESS]!
  }

  get topics(): readonly Hash[] {
    return Array.from({ length: this.topicCount }, (_, index) => this.topic(index))
  }

  /** @param index below `topicCount` */
  topic(index: number): Hash {
    const at = FIRST_TOPIC + WORD * index
    return `0x${this.bytes.toString('hex', at, at + WORD)}` as Hash
  }

  get data(): Uint8Array {
    const { buffer, byteOffset, length } = this.bytes
    const begin = FIRST_TOPIC + WORD * this.topicCount
    return new Uint8Array(buffer, byteOffset + begin, length - begin)
  }

  /** A log with the same content that has its fields as they are. */
  unpacked(): Log {
    const { address, topics, data } = this
    return { address, topics, data }
  }
}
