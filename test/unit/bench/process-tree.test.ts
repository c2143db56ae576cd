import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { cpuBetween, markCpu, residentMiB } from '../../../scripts/bench/process-tree.mjs'

const gone = 2 ** 22 + 1

describe.runIf(process.platform === 'linux')('the process tree', () => {
  it('counts this process and what it starts', async () => {
    const alone = residentMiB(process.pid) ?? 0
    const before = markCpu(process.pid)
    // It holds more than this process may give back meanwhile.
    const code =
      'const held = Buffer.alloc(3e8, 1); for (let i = 0; i < 3e8; i++); console.log(held.length); setInterval(() => held, 1000)'
    const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'ignore'] })
    await once(child.stdout, 'data')
    const together = residentMiB(process.pid) ?? 0
    const childCpuMs = cpuBetween({ threadsMs: new Map(), ticksMs: 0 }, markCpu(child.pid!)) ?? 0
    const cpuMs = cpuBetween(before, markCpu(process.pid)) ?? 0
    child.kill()
    await once(child, 'close')
    expect(alone).toBeGreaterThan(10)
    expect(together).toBeGreaterThan(alone + 100)
    expect(childCpuMs).toBeGreaterThan(0)
    expect(cpuMs).toBeGreaterThanOrEqual(childCpuMs)
  })

  it('knows nothing of a process that is not there', () => {
    expect(markCpu(gone)).toBeUndefined()
    expect(residentMiB(gone)).toBeUndefined()
    expect(cpuBetween(undefined, markCpu(process.pid))).toBeUndefined()
  })
})

describe('time between two marks', () => {
  const mark = (
    threads: Record<string, number>,
    ticksMs: number,
  ): Parameters<typeof cpuBetween>[0] => ({
    threadsMs: new Map(Object.entries(threads)),
    ticksMs,
  })

  it('is the sum over threads, new ones in full', () => {
    expect(cpuBetween(mark({ a: 5 }, 0), mark({ a: 7.5, b: 2 }, 10))).toBe(4.5)
  })

  it('falls back on the coarse count when a thread has ended', () => {
    expect(cpuBetween(mark({ a: 5, b: 1 }, 0), mark({ a: 7 }, 30))).toBe(30)
    expect(cpuBetween(mark({ a: 5, b: 1 }, 0), mark({ a: 7 }, 0))).toBe(2)
  })
})
