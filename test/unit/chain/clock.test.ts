import { describe, expect, it } from 'vitest'

import { Clock } from '../../../src/chain/clock.ts'

function at(start?: bigint): { clock: Clock; pass: (seconds: bigint) => void } {
  let real = 1_000n
  return { clock: new Clock(start, () => real), pass: (seconds) => (real += seconds) }
}

describe('a clock', () => {
  it('follows real time', () => {
    const { clock, pass } = at()
    expect(clock.peek(10n)).toBe(1_000n)
    pass(7n)
    expect(clock.peek(10n)).toBe(1_007n)
  })

  it('never gives a block its parent’s time', () => {
    const { clock } = at()
    expect(clock.take(1_000n)).toBe(1_001n)
    expect(clock.take(5_000n)).toBe(5_001n)
  })

  it('starts where it is told to and goes on from there', () => {
    const { clock, pass } = at(50n)
    pass(3n)
    expect(clock.now()).toBe(53n)
  })

  it('adds up what it is moved by', () => {
    const { clock } = at()
    expect(clock.increase(100n)).toBe(100n)
    expect(clock.increase(20n)).toBe(120n)
    expect(clock.peek(0n)).toBe(1_120n)
  })

  it('gives one block the exact time that was set, and goes on from it', () => {
    const { clock, pass } = at()
    clock.setNext(9_000n)
    expect(clock.peek(1n)).toBe(9_000n)
    expect(clock.take(1n)).toBe(9_000n)
    pass(5n)
    expect(clock.take(9_000n)).toBe(9_005n)
  })

  it('gives one block a time of its own in place of the one that was set, and goes on from it', () => {
    const { clock, pass } = at()
    clock.setNext(9_000n)
    expect(clock.peek(1n, 9_500n)).toBe(9_500n)
    expect(clock.take(1n, 9_500n)).toBe(9_500n)
    pass(5n)
    expect(clock.take(9_500n)).toBe(9_505n)
    expect(clock.peek(9_505n, 100n)).toBe(9_506n)
  })

  it('keeps blocks a fixed distance apart while an interval is set', () => {
    const { clock } = at()
    clock.setInterval(12n)
    expect(clock.take(2_000n)).toBe(2_012n)
    expect(clock.take(2_012n)).toBe(2_024n)
    clock.setInterval(undefined)
    expect(clock.take(10n)).toBe(1_000n)
  })

  it('is brought back whole from its state', () => {
    const { clock } = at()
    clock.increase(5n)
    const { state } = clock
    clock.setNext(4_000n)
    clock.setInterval(3n)
    clock.restore(state)
    expect(clock.peek(0n)).toBe(1_005n)
  })
})
