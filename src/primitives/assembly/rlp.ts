/** Recursive length prefix encoding (yellow paper, appendix B), written forwards. */

/** Bytes of the head of an item or list with `length` bytes of payload, 56 or more of which need a length of their own. */
@inline
export function headSize(length: usize): usize {
  if (length < 56) return 1
  if (length < 0x100) return 2
  if (length < 0x10000) return 3
  return length < 0x1000000 ? 4 : 5
}

/** @param offset 0x80 of a byte string, 0xc0 of a list @returns where the payload goes */
export function writeHead(at: usize, length: usize, offset: u32): usize {
  const size = headSize(length) - 1
  if (size == 0) {
    store<u8>(at, offset + <u32>length)
    return at + 1
  }
  store<u8>(at, offset + 55 + <u32>size)
  for (let i: usize = 0; i < size; i++) store<u8>(at + size - i, <u8>(length >> (i << 3)))
  return at + 1 + size
}

/** Whether the string is one byte that stands for itself. */
@inline
function standsForItself(src: usize, length: usize): bool {
  return length == 1 && load<u8>(src) < 0x80
}

export function stringSize(src: usize, length: usize): usize {
  return standsForItself(src, length) ? 1 : headSize(length) + length
}

/** @returns the end of what was written */
export function writeString(at: usize, src: usize, length: usize): usize {
  if (standsForItself(src, length)) {
    store<u8>(at, load<u8>(src))
    return at + 1
  }
  const start = writeHead(at, length, 0x80)
  memory.copy(start, src, length)
  return start + length
}

@inline
export function numberSize(value: u64): usize {
  return value < 0x80 ? 1 : 1 + byteLength(value)
}

@inline
function byteLength(value: u64): usize {
  return (<usize>(71 - clz<u64>(value))) >> 3
}

/** A number without leading zeros: zero is the empty string. @returns the end of what was written */
export function writeNumber(at: usize, value: u64): usize {
  if (value < 0x80) {
    store<u8>(at, value == 0 ? 0x80 : <u8>value)
    return at + 1
  }
  const size = byteLength(value)
  store<u8>(at, 0x80 + <u8>size)
  for (let i: usize = 0; i < size; i++) store<u8>(at + size - i, <u8>(value >> (<u64>i << 3)))
  return at + 1 + size
}
