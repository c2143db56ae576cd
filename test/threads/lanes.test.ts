import { afterAll, describe, expect, it } from 'vitest'

import { Lanes } from '../../src/executor/lane/lanes.ts'
import { LanePool } from '../../src/executor/lane/pool.ts'
import { SignatureQueue, type SignedDigest } from '../../src/executor/lane/signature-queue.ts'
import { decodeTransaction, signedDigest } from '../../src/model/codec/transaction.ts'
import { USERS, transfer } from '../support/dev-chain.ts'

const WORKER = new URL('../../dist/executor/lane/worker.js', import.meta.url)

/** Signatures of users 0 to 3 in turn. */
const SIGNED: readonly SignedDigest[] = Array.from({ length: 100 }, (_, at) => {
  const tx = transfer(at % 4, BigInt(at))
  const decoded = decodeTransaction(tx.raw)
  if (!decoded.ok) throw new Error(decoded.error)
  const { signature, r, s } = decoded.value
  return { digest: signedDigest(decoded.value), r, s, yParity: signature.yParity }
})
const VOID: SignedDigest = { ...SIGNED[0]!, r: new Uint8Array(0) }

const open: LanePool[] = []
function threads(workers: number, entry = WORKER): LanePool {
  const pool = new LanePool(workers, entry)
  open.push(pool)
  return pool
}
/** With threads that are there: others would be passed over. */
async function lanes(workers: number): Promise<Lanes> {
  const pool = threads(workers)
  while (!pool.isReady) await new Promise((resolve) => setImmediate(resolve))
  return new Lanes(pool)
}
afterAll(() => Promise.all(open.map((it) => it.close())))

describe('lanes of the built worker', () => {
  for (const workers of [0, 1, 3]) {
    it(`find all senders, in order, with ${workers} threads`, async () => {
      const pool = await lanes(workers)
      const senders = await Promise.all(SIGNED.map((it) => pool.recover(it)))
      expect(senders).toEqual(SIGNED.map((_, at) => USERS[at % 4]))
    })
  }

  it('answer in the order of the calls, whichever share is done first', async () => {
    const pool = await lanes(3)
    const order: number[] = []
    const first = SIGNED.map((it, at) => pool.recover(it).then(() => order.push(at)))
    // A later turn with little to do must not overtake an earlier one that is shared out.
    await new Promise((resolve) => setImmediate(resolve))
    const later = pool.recover(SIGNED[0]!).then(() => order.push(SIGNED.length))
    await Promise.all([...first, later])
    expect(order).toEqual(Array.from({ length: SIGNED.length + 1 }, (_, at) => at))
  })

  it('say which signature no key made, among good ones', async () => {
    const pool = await lanes(1)
    const senders = await Promise.all([...SIGNED.slice(0, 50), VOID].map((it) => pool.recover(it)))
    expect(senders.at(-1)).toBeUndefined()
    expect(senders.filter((it) => it === undefined)).toHaveLength(1)
  })

  it('find some of them on their threads', async () => {
    const pool = threads(2)
    const queue = new SignatureQueue()
    queue.open()
    const serving = Promise.all(
      [0, 1].map(() => pool.run({ kind: 'recover', queue: queue.memory })),
    )
    const places = SIGNED.map((it) => queue.put(it))
    while (!places.every((place) => queue.isDone(place))) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(places.map((place) => queue.signer(place))).toEqual(SIGNED.map((_, at) => USERS[at % 4]))
    queue.close()
    expect(await serving).toEqual([{ kind: 'recovered' }, { kind: 'recovered' }])
  })

  it('do the work here when a thread does not end what it has begun', async () => {
    const pool = threads(0)
    const memories: SharedArrayBuffer[] = []
    const stuck = Object.assign(pool, {
      async run({ queue }: { queue: SharedArrayBuffer }) {
        memories.push(queue)
        new SignatureQueue(queue).take()
        return { kind: 'recovered' }
      },
    })
    Object.defineProperty(stuck, 'free', { value: 1 })
    const finder = new Lanes(stuck)
    for (let round = 0; round < 2; round++) {
      const senders = await Promise.all(SIGNED.map((it) => finder.recover(it)))
      expect(senders).toEqual(SIGNED.map((_, at) => USERS[at % 4]))
    }
    // What the stuck thread may still write to is not used again.
    expect(new Set(memories).size).toBeGreaterThan(1)
  })

  it('share with a thread that is still on its way back from what was asked before', async () => {
    const pool = threads(0)
    let called = 0
    let isAway = false
    let memory: SharedArrayBuffer | undefined
    let comeBack: () => void = () => undefined
    Object.assign(pool, {
      async run({ queue }: { queue: SharedArrayBuffer }) {
        called++
        memory = queue
        isAway = true
        await new Promise<void>((resolve) => (comeBack = resolve))
        isAway = false
        return { kind: 'recovered' }
      },
    })
    Object.defineProperty(pool, 'free', { get: () => (isAway ? 0 : 1) })
    const finder = new Lanes(pool)
    await Promise.all(SIGNED.map((it) => finder.recover(it)))
    expect(called).toBe(1)
    expect(new SignatureQueue(memory).isOpen).toBe(false)
    const senders = Promise.all(SIGNED.map((it) => finder.recover(it)))
    expect(new SignatureQueue(memory).isOpen).toBe(true)
    comeBack()
    expect(await senders).toEqual(SIGNED.map((_, at) => USERS[at % 4]))
    expect(called).toBe(2)
  })

  it('do the work here when a worker cannot start', async () => {
    const pool = new Lanes(threads(2, new URL('file:///nowhere/worker.js')))
    const senders = await Promise.all(SIGNED.map((it) => pool.recover(it)))
    expect(senders).toEqual(SIGNED.map((_, at) => USERS[at % 4]))
  })
})
