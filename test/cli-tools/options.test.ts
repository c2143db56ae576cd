import { describe, expect, it } from 'vitest'

import { anyValue, countValue, lastValue, parseToolOptions } from '../../src/cli/tool-options.ts'

const CHECKS = { '--fork': anyValue, '--runs': countValue(10) }

describe("a tool's command line", () => {
  it('takes options anywhere among the paths, in both spellings', () => {
    const request = parseToolOptions(['a', '--fork', 'Cancun', 'b', '--fork=Prague'], CHECKS)
    if (request.kind !== 'run') throw new Error(request.kind)
    expect(request.paths).toEqual(['a', 'b'])
    expect(request.values.get('--fork')).toEqual(['Cancun', 'Prague'])
    expect(lastValue(request.values, '--fork')).toBe('Prague')
    expect(lastValue(request.values, '--runs')).toBeUndefined()
  })

  it('takes what looks like an option after -- as a path', () => {
    expect(parseToolOptions(['--runs', '2', '--', '--fork'], CHECKS)).toMatchObject({
      kind: 'run',
      paths: ['--fork'],
    })
  })

  it.each([
    [[], 'no file named'],
    [['--runs', '2'], 'no file named'],
    [['--fork'], '--fork: a value is missing'],
    [['--fork=', 'a'], '--fork: a value is missing'],
    [['--runs', '11', 'a'], '--runs: expected a number from 1 to 10, got 11'],
    [['--runs', '-1', 'a'], '--runs: expected a number from 1 to 10, got -1'],
    [['--toString', 'a'], 'unknown option --toString'],
    [['-x', 'a'], 'unknown option -x'],
  ])('refuses %j', (argv, problem) => {
    expect(parseToolOptions(argv, CHECKS)).toEqual({ kind: 'bad', problem })
  })

  it.each([[['--help']], [['a', '-h']]])('gives help for %j', (argv) => {
    expect(parseToolOptions(argv, CHECKS)).toEqual({ kind: 'help' })
  })
})
