import { describe, expect, it } from 'vitest'

import {
  CAPACITY,
  SignatureQueue,
  type SignedDigest,
} from '../../../src/executor/lane/signature-queue.ts'
import { privateKeyToAddress, sign } from '../../../src/primitives/secp256k1.ts'
import { atStep, whileAsleep } from '../../support/turns.ts'

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

  it('serves on when it is empty and open: more may come', async () => {
    const queue = new SignatureQueue()
    queue.open()
    const places: number[] = []
    const turns = await whileAsleep(
      () => {
        places.push(queue.put(signed[0]!))
        queue.close()
      },
      () => queue.serve(),
    )
    expect(turns).toBe(1)
    expect(places.map((place) => queue.signer(place))).toEqual([addresses[0]])
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

  it('has all of a signature in its place when another can take it', () => {
    const queue = new SignatureQueue()
    const other = new SignatureQueue(queue.memory)
    const place = atStep(
      'after',
      'add',
      () => other.work(other.take()!),
      () => queue.put(signed[1]!),
    )
    expect(queue.signer(place)).toBe(addresses[1])
  })

  it('gives a place to one of two that look at the same time', () => {
    const queue = new SignatureQueue()
    const other = new SignatureQueue(queue.memory)
    const places = signed.map((it) => queue.put(it))
    const taken: unknown[] = []
    const here = atStep(
      'after',
      'load',
      () => taken.push(other.take()),
      () => queue.take(),
    )
    expect([...taken, here]).toEqual(places.slice(0, 2))
  })

  it('has the signer in its place when it says so', () => {
    const queue = new SignatureQueue()
    queue.put(signed[2]!)
    const place = queue.take()!
    let seen: unknown
    atStep(
      'after',
      'store',
      () => (seen = queue.signer(place)),
      () => queue.work(place),
    )
    expect(seen).toBe(addresses[2])
  })

  it('is served while it is open, though it is empty', async () => {
    const queue = new SignatureQueue()
    queue.open()
    const places: number[] = []
    const more = (): void => {
      if (places.length < 2) places.push(queue.put(signed[places.length]!))
      else queue.close()
    }
    await whileAsleep(more, () => queue.serve())
    expect(places.map((place) => queue.signer(place))).toEqual(addresses.slice(0, 2))
  })
})
