import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { ask, run, start } from './start.ts'

const LISTENING = /Listening on 127\.0\.0\.1:(\d+)\n/

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-consensus-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const virtual = ['--consensus-set', 'clock=virtual']

describe('heddle --consensus', () => {
  it('takes what is set in place of the preset’s, and says whose timing and rules it has', async () => {
    const words = ['--port', '0', '--consensus', 'monad', '--network', 'monad', ...virtual]
    const set = ['--consensus-set', 'validators=7', '--consensus-set', 'delayMs=5-9']
    await using running = start([...words, ...set], { cwd: folder })
    const port = Number((await running.printed(LISTENING))[1])
    expect(running.stdout()).toMatch(
      /timing: monad \(a block each 300 ms; 7 validators, monadbft\); gas rules: Monad \(MONAD_TEN\)/,
    )
    expect(await ask(port, 'parallel_consensusStatus')).toMatchObject({
      preset: 'monad',
      settings: { validators: 7, faulty: 2, delayMs: [5, 9], clock: 'virtual' },
      validators: { length: 7 },
    })
    await ask(port, 'parallel_advance', [2_000])
    expect(Number(await ask(port, 'eth_blockNumber'))).toBeGreaterThan(3)
  })

  it('says that rules are Ethereum’s where only the timing is another’s', async () => {
    await using running = start(['--port', '0', '--consensus', 'megaeth'], { cwd: folder })
    await running.printed(LISTENING)
    expect(running.stdout()).toMatch(
      /timing: megaeth \(a block each 1000 ms, shown every 10 ms; one sequencer\); gas rules: ethereum/,
    )
  })

  it('has a scenario’s faults at their times', async () => {
    const file = join(folder, 'faults.json')
    const faults = [
      { kind: 'crash', validator: 1, atMs: 1_000, forMs: 500 },
      { kind: 'partition', groups: [['leader']], atMs: 2_000, forMs: 500 },
    ]
    await writeFile(file, JSON.stringify({ faults }))
    const words = ['--port', '0', '--consensus', 'monad', ...virtual, '--consensus-scenario', file]
    await using running = start(words, { cwd: folder })
    const port = Number((await running.printed(LISTENING))[1])
    const kinds = async (ms: number) => {
      const { faults: active } = (await ask(port, 'parallel_advance', [ms])) as {
        faults: { kind: string }[]
      }
      return active.map(({ kind }) => kind)
    }
    expect(await kinds(900)).toEqual([])
    expect(await kinds(200)).toEqual(['crash'])
    expect(await kinds(500)).toEqual([])
    expect(await kinds(500)).toEqual(['partition'])
  })

  it.each([
    ['validators=three', '`validators`: expected a whole number from 1 to 100, got "three"'],
    ['faulty=2', '`faulty`: 2 of 4 validators is a third or more: expected at most 1'],
    ['delayMs=-5', '`delayMs`: expected milliseconds from 0 on, such as 40 or 10-40, got "-5"'],
    ['blocks=3', '`blocks`: not known here; there are validators'],
    ['validators', '--consensus-set'],
  ])('--consensus-set %s is refused by its name', async (set, why) => {
    const words = ['--port', '0', '--consensus', 'monad', '--consensus-set', set]
    const { code, stderr, stdout } = await run(words, { cwd: folder })
    expect(code).not.toBe(0)
    expect(stderr).toContain(why)
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2)
    expect(stdout).toBe('')
  })

  it.each([
    ['no JSON', '{"faults": [', /faults\.json/],
    ['no list', '"faults"', /the scenario: expected a list of faults/],
    [
      'a validator that does not exist',
      '[{"kind": "heal"}, {"kind": "crash", "validator": 9}]',
      /`faults\[1\]\.validator`: validator 9 does not exist, expected 0 to 3 or "leader"/,
    ],
    [
      'a negative time',
      '{"faults": [{"kind": "crash", "validator": 1, "atMs": -1}]}',
      /`faults\[0\]\.atMs`: expected milliseconds from 0 on, got -1/,
    ],
    [
      'a delay without a length',
      '[{"kind": "delay", "validator": 1}]',
      /`faults\[0\]\.byMs`: missing, delay needs it/,
    ],
  ])('a scenario with %s is refused', async (_, text, why) => {
    const file = join(folder, 'faults.json')
    await writeFile(file, text)
    const words = ['--port', '0', '--consensus', 'monad', '--consensus-scenario', file]
    const { code, stderr } = await run(words, { cwd: folder })
    expect(code).not.toBe(0)
    expect(stderr).toMatch(why)
  })

  it('a scenario that is not there is refused, and so is one without validators', async () => {
    const missing = join(folder, 'nowhere.json')
    const words = ['--port', '0', '--consensus-scenario', missing]
    const lost = await run([...words, '--consensus', 'monad'], { cwd: folder })
    expect(lost.code).not.toBe(0)
    expect(lost.stderr).toContain(missing)
    await writeFile(missing, '[]')
    const idle = await run([...words, '--consensus', 'slot12'], { cwd: folder })
    expect(idle.code).not.toBe(0)
    expect(idle.stderr).toMatch(/slot12 has no validators/)
  })
})
