import { concatBytes, bigIntToBytes } from '../../primitives/bytes.ts'
import { writeHex } from '../../primitives/hex.ts'
import { encodeRlp } from '../../primitives/rlp.ts'

/** More than any header has: 23 fields, of which one is 256 bytes and the others at most 33. */
const CAPACITY = 1024
/** The head of a list of 256 to 65,535 bytes: 0xf9 and two bytes of length. The bloom alone makes a header as long. */
const HEAD = 3

const scratch = Buffer.alloc(CAPACITY)

/** Writes the RLP list of a header's fields. One at a time: they share their memory. */
export class HeaderWriter {
  #at = HEAD

  /** @param length in bytes @throws {TypeError} when `text` is not so many bytes of hex */
  hex(text: string, length: number): void {
    scratch[this.#at] = 0x80 + length
    if (!writeHex(scratch, this.#at + 1, text, length) || text.length !== 2 + 2 * length) {
      throw new TypeError(`expected ${length} bytes of hex, got ${text.slice(0, 80)}`)
    }
    this.#at += 1 + length
  }

  quantity(value: bigint): void {
    if (value < 0x80n) {
      scratch[this.#at++] = value === 0n ? 0x80 : Number(value)
    } else if (value <= 0xffff_ffffn) {
      this.#number(Number(value))
    } else {
      this.bytes(bigIntToBytes(value))
    }
  }

  #number(value: number): void {
    const length = value < 0x100 ? 1 : value < 0x1_0000 ? 2 : value < 0x100_0000 ? 3 : 4
    scratch[this.#at] = 0x80 + length
    scratch.writeUIntBE(value, this.#at + 1, length)
    this.#at += 1 + length
  }

  bytes(bytes: Uint8Array): void {
    const encoded = encodeRlp(bytes)
    if (this.#at + encoded.length > CAPACITY) throw new RangeError('a header field is too long')
    scratch.set(encoded, this.#at)
    this.#at += encoded.length
  }

  /** The list; the writer is used up. */
  finish(): Uint8Array {
    const payload = this.#at - HEAD
    if (payload < 0x100) return shortList(scratch.subarray(HEAD, this.#at))
    scratch[0] = 0xf9
    scratch.writeUInt16BE(payload, 1)
    return new Uint8Array(scratch.subarray(0, this.#at))
  }
}

/** Only a header with a bloom of the wrong length is as short. */
function shortList(payload: Uint8Array): Uint8Array {
  const head = payload.length < 56 ? [0xc0 + payload.length] : [0xf8, payload.length]
  return concatBytes(Uint8Array.from(head), payload)
}
