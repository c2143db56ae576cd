import { describe, expect, it } from 'vitest'
import { readArguments } from '../../../scripts/bench/args.mjs'
import { sizesOf } from '../../../scripts/bench/sizes.mjs'

const known = { workloads: ['start', 'transfers'], nodes: ['heddle', 'anvil'] }
const read = (...argv: string[]): ReturnType<typeof readArguments> => readArguments(argv, known)

describe('the command line of the bench', () => {
  it('compares heddle with Anvil unless told otherwise', () => {
    expect(read()).toEqual({
      quick: false,
      rounds: undefined,
      workloads: [],
      nodes: ['heddle', 'anvil'],
      json: '.cache/bench.json',
      seed: 1,
      profile: undefined,
      help: false,
    })
  })

  it('reads every option', () => {
    const argv = [
      '--quick',
      '--rounds',
      '5',
      '--json=a.json',
      '--seed',
      '7',
      '--profile',
      'p',
      '--help',
    ]
    expect(read(...argv)).toMatchObject({
      quick: true,
      rounds: 5,
      json: 'a.json',
      seed: 7,
      profile: 'p',
      help: true,
    })
  })

  it('takes workloads and nodes from --only', () => {
    expect(read('--only', 'anvil,transfers')).toMatchObject({
      workloads: ['transfers'],
      nodes: ['anvil'],
    })
    expect(read('--only', 'start')).toMatchObject({ workloads: ['start'], nodes: known.nodes })
  })

  it('compares a node with itself', () => {
    expect(read('--subject', 'anvil').nodes).toEqual(['anvil', 'anvil'])
  })

  it.each([
    [['--rounds', '0'], '--rounds: expected an integer from 1 to 100, got "0"'],
    [['--rounds', '1.5'], '--rounds: expected an integer from 1 to 100, got "1.5"'],
    [['--rounds', ''], '--rounds: expected an integer from 1 to 100, got ""'],
    [['--seed', '4294967296'], '--seed: expected an integer from 0 to 4294967295'],
    [['--only', 'swaps'], '--only: "swaps" is none of start, transfers, heddle, anvil'],
    [['--peers', 'geth'], '--peers: "geth" is none of heddle, anvil'],
    [['--subject', 'geth'], '--subject: "geth" is none of heddle, anvil'],
    [['--subject', 'anvil', '--only', 'heddle'], '--only heddle: this run has anvil and anvil'],
    [['--json', ''], '--json: expected a path, got an empty text'],
    [['--fast'], "Unknown option '--fast'"],
    [['fast'], "Unexpected argument 'fast'"],
    [['--rounds'], "Option '--rounds <value>' argument missing"],
  ])('refuses %j', (argv, message) => {
    expect(() => read(...argv)).toThrow(message)
  })
})

describe('sizes', () => {
  it('are smaller with --quick, and rounds can be chosen for both', () => {
    const full = sizesOf({ quick: false, rounds: undefined })
    const quick = sizesOf({ quick: true, rounds: undefined })
    expect(full).toMatchObject({ rounds: 3, transfers: 1000, swaps: 300 })
    expect(full.empty.blocks).toBe(10_000)
    expect(quick.transfers).toBeLessThan(full.transfers)
    expect(quick.empty.blocks).toBe(500)
    expect(sizesOf({ quick: true, rounds: 4 })).toEqual({ ...quick, rounds: 4 })
  })
})
