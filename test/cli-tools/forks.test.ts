import { describe, expect, it } from 'vitest'

import { configOfNetwork, forkNamed, rulesOfNetwork } from '../../src/cli/tool-forks.ts'
import { configAfter, rulesAt } from '../../src/model/fork.ts'

describe("the suites' names of forks", () => {
  it.each([
    ['Frontier', 'frontier'],
    ['EIP150', 'tangerineWhistle'],
    ['EIP158', 'spuriousDragon'],
    ['ConstantinopleFix', 'petersburg'],
    ['Merge', 'paris'],
    ['Osaka', 'osaka'],
    ['BPO4', 'osaka'],
    ['Tangerine', 'tangerineWhistle'],
    ['EIP2384', 'muirGlacier'],
    ['DAOFork', 'homestead'],
  ])('%s is %s', (name, fork) => {
    expect(forkNamed(name)).toBe(fork)
  })

  it('refuses others', () => {
    expect(() => forkNamed('Berlinn')).toThrow('unknown fork Berlinn')
  })

  it('takes blob parameters from the test, else from mainnet', () => {
    const schedule = {
      BPO1: { target: '0x09', max: '0x0e', baseFeeUpdateFraction: '0x86c73b' },
    }
    expect(rulesOfNetwork('BPO1', { blobSchedule: schedule }).blob).toEqual({
      target: 9,
      max: 14,
      baseFeeUpdateFraction: 8_832_827n,
    })
    expect(rulesOfNetwork('BPO1', {}).blob).toMatchObject({ target: 10, max: 15 })
    expect(rulesOfNetwork('Amsterdam', {}).blob).toMatchObject({ target: 14, max: 21 })
    expect(rulesOfNetwork('Shanghai', {}).blob).toBeUndefined()
  })

  it('knows changes at a block and at a time', () => {
    const byBlock = configOfNetwork('BerlinToLondonAt5', { chainid: '0x539' })
    expect(byBlock.chainId).toBe(1337n)
    expect(rulesAt(byBlock, 4n, 99n).fork).toBe('berlin')
    expect(rulesAt(byBlock, 5n, 99n).fork).toBe('london')
    const byTime = configOfNetwork('CancunToPragueAtTime15k', {})
    expect(rulesAt(byTime, 9n, 14_999n)).toMatchObject({ fork: 'cancun', blob: { max: 6 } })
    expect(rulesAt(byTime, 9n, 15_000n)).toMatchObject({ fork: 'prague', blob: { max: 9 } })
    const dao = configOfNetwork('HomesteadToDaoAt5', {})
    const phases = [4n, 5n, 6n, 14n, 15n].map((number) => rulesAt(dao, number, 1n).dao)
    expect(phases).toEqual([undefined, 'moves', 'moved', 'moved', undefined])
    const byDifficulty = configOfNetwork('ArrowGlacierToParisAtDiffC0000', {})
    const ruledAfter = (totalDifficulty: bigint) =>
      rulesAt(configAfter(byDifficulty, { totalDifficulty }), 9n, 99n)
    expect(ruledAfter(0xbffffn)).toMatchObject({ fork: 'arrowGlacier', hasWork: true })
    expect(ruledAfter(0xc0000n)).toEqual({ fork: 'paris', blob: undefined })
    expect(() => configOfNetwork('BerlinToLondonAtDiffC0000', {})).toThrow('unknown fork')
    const blobsOnly = configOfNetwork('OsakaToBPO1AtTime15k', {})
    expect(rulesAt(blobsOnly, 9n, 14_999n)).toMatchObject({ fork: 'osaka', blob: { max: 9 } })
    expect(rulesAt(blobsOnly, 9n, 15_000n)).toMatchObject({ fork: 'osaka', blob: { max: 15 } })
  })
})
