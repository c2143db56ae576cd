import { describe, expect, it } from 'vitest'

import {
  CAPACITY,
  SignatureQueue,
  type SignedDigest,
} from '../../../src/executor/lane/signature-queue.ts'
import { privateKeyToAddress, sign } from '../../../src/primitives/secp256k1.ts'

const keys = [1, 2, 3].map((last) => new Uint8Array(32).fill(last))
const addresses = keys.map((key) => privateKeyToAddress(key))
const signed: readonly SignedDigest[] = keys.map((key, at) => {
  const digest = new Uint8Array(32).fill(at)
  return { digest, ...sign(digest, key) }
})

describe('a queue of signatures in shared memory', () => {
  it('is taken from the front, each place once, by whoever asks', () => {
    const queue = new SignatureQueue()
    const other = new SignatureQueue(queue.memory)
    const places = signed.map((it) => queue.put(it))
    expect([queue.take(), other.take(), queue.take()]).toEqual(places)
    expect([queue.take(), other.take()]).toEqual([undefined, undefined])
  })

  it('gives the signer that another found, and no sooner', () => {
    const queue = new SignatureQueue()
    const other = new SignatureQueue(queue.memory)
    const places = signed.map((it) => queue.put(it))
    other.work(other.take()!)
    expect(places.map((place) => queue.isDone(place))).toEqual([true, false, false])
    expect(queue.isDone(places[1]!, 1)).toBe(false)
    expect(queue.signer(places[0]!)).toBe(addresses[0])
  })

  it('serves until it is empty and closed', () => {
    const queue = new SignatureQueue()
    const places = signed.map((it) => queue.put(it))
    queue.open()
    expect(queue.isOpen).toBe(true)
    queue.close()
    queue.serve()
    expect(places.map((place) => queue.signer(place))).toEqual(addresses)
  })

  it('takes r and s without their leading zeros, and says when no key signed', () => {
    const queue = new SignatureQueue()
    const { digest, s, yParity } = signed[0]!
    queue.put({ digest, r: new Uint8Array(0), s, yParity })
    queue.put({ digest, r: Uint8Array.of(1), s: s.slice(0, 31), yParity })
    const padded = { digest, r: new Uint8Array(32), s: new Uint8Array(32), yParity }
    padded.r[31] = 1
    padded.s.set(s.subarray(0, 31), 1)
    queue.put(padded)
    queue.serve()
    expect(queue.signer(0)).toBeUndefined()
    expect(queue.signer(1)).toBeDefined()
    expect(queue.signer(1)).toBe(queue.signer(2))
  })

  it('uses its places again, with what was there forgotten', () => {
    const queue = new SignatureQueue()
    for (let at = 0; at < CAPACITY; at++) queue.put(signed[0]!)
    for (let place = queue.take(); place !== undefined; place = queue.take()) {
      if (place < 2) queue.work(place)
    }
    expect(queue.put(signed[1]!)).toBe(0)
    expect([queue.isDone(0), queue.isDone(1)]).toEqual([false, true])
    queue.serve()
    expect(queue.signer(0)).toBe(addresses[1])
  })
})
