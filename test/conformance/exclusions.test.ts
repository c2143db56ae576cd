import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

import { judge, readExclusions } from '../../scripts/conformance/exclusions.mjs'
import { sampleOf } from '../../scripts/conformance/fixtures.mjs'
import { SUITES, readOptions } from '../../scripts/conformance/options.mjs'
import { temporaryFolder } from '../support/checkout.ts'

const folder = temporaryFolder('exclusions')
afterAll(folder.remove)

const KNOWN = { suite: 'rpc', case: 'eth_a/*.io', kind: 'unsupported' as const, reason: 'not yet' }

describe('the list of known failures', () => {
  it('is readable, and each entry names a suite and a reason', () => {
    const entries = readExclusions()
    for (const { suite, reason } of entries) {
      expect(SUITES).toContain(suite)
      expect(reason.length).toBeGreaterThan(20)
    }
  })

  it.each([
    [{ ...KNOWN, reason: '' }, '`reason` is missing'],
    [{ ...KNOWN, kind: 'flaky' }, 'kind flaky: expected fixture or unsupported'],
  ])('is refused with %j', (entry, problem) => {
    const path = join(folder.path, 'list.json')
    writeFileSync(path, JSON.stringify([entry]))
    expect(() => readExclusions(path)).toThrow(problem)
  })

  it('sorts results, and finds the ones that pass by now', () => {
    const verdict = judge(
      'rpc',
      [
        { id: 'eth_a/one.io', pass: false, reason: 'no method' },
        { id: 'eth_a/two.io', pass: true },
        { id: 'eth_ab/one.io', pass: false, reason: 'differs' },
        { id: 'eth_b/one.io', pass: true },
      ],
      [KNOWN, { ...KNOWN, suite: 'state-tests', case: '*' }],
    )
    const ids = (list: readonly object[]): unknown[] => list.map((it) => 'id' in it && it.id)
    expect(ids(verdict.excluded)).toEqual(['eth_a/one.io'])
    expect(ids(verdict.revived)).toEqual(['eth_a/two.io'])
    expect(ids(verdict.failed)).toEqual(['eth_ab/one.io'])
    expect(ids(verdict.passed)).toEqual(['eth_b/one.io'])
  })
})

describe('the sample', () => {
  const files = Array.from({ length: 100 }, (_, at) => `file-${at}.json`)

  it('is the same for the same seed, and another for another', () => {
    expect(sampleOf(files, 20, 1)).toEqual(sampleOf(files.toReversed(), 20, 1))
    expect(sampleOf(files, 20, 1)).not.toEqual(sampleOf(files, 20, 2))
    expect(new Set(sampleOf(files, 20, 1)).size).toBe(20)
    expect(sampleOf(files, 500, 1)).toHaveLength(100)
  })
})

describe('the command line', () => {
  it('has defaults', () => {
    expect(readOptions([folder.path])).toMatchObject({ full: false, suites: SUITES, seed: 1 })
    expect(readOptions([folder.path, '--full', '--suite=rpc', '--seed', '7'])).toMatchObject({
      full: true,
      suites: ['rpc'],
      seed: 7,
    })
  })

  it.each([
    [[], 'no folder of fixtures named'],
    [['/nowhere/at/all'], '/nowhere/at/all: no such folder'],
    [[folder.path, 'more'], 'one folder, not also more'],
    [[folder.path, '--suite', 'rcp'], '--suite: expected state-tests'],
    [[folder.path, '--seed', 'x'], '--seed: expected a number from 1, got x'],
    [[folder.path, '--seed'], '--seed: a value is missing'],
    [[folder.path, '--fast', 'x'], 'unknown option --fast'],
  ])('refuses %j', (argv, problem) => {
    expect(readOptions(argv)).toContain(problem)
  })
})
