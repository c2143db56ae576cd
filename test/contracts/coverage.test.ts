import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { measureCoverage } from '../../scripts/coverage.mjs'
import { installCodeBases } from '../../scripts/coverage/compile.mjs'
import { solady } from '../../scripts/coverage/tokens.mjs'
import { uniswapV2 } from '../../scripts/coverage/uniswap.mjs'
import { report } from '../../src/cli/profile/report.ts'
import { createNode } from '../../src/node/create-node.ts'
import { capture } from '../cli-tools/capture.ts'
import { checkout, temporaryFolder } from '../support/checkout.ts'
import { whileLockedSync } from '../support/lock.ts'

const folder = temporaryFolder('coverage')
afterAll(folder.remove)
beforeAll(() => {
  whileLockedSync(join(checkout, '.cache', 'code-bases.lock'), installCodeBases)
}, 300_000)

it.each([
  [uniswapV2, 'UniswapV2Pair.reserve0+reserve1+blockTimestampLast', 'UniswapV2Pair.sol'],
  [solady, 'Art.balanceOf[', 'ERC721.sol'],
])('every slot that uses of $name touch has a name', async (codeBase, first, file) => {
  const { report: found, unnamed } = await measureCoverage(createNode, codeBase)
  expect([...unnamed]).toEqual([])
  expect(found.coverage).toMatchObject({ named: found.coverage.slots, refused: [] })
  expect(found.coverage.slots).toBeGreaterThan(30)
  expect(found.fixFirst[0]!.name).toContain(first)
  expect(found.fixFirst[0]!.sites[0]!.line).toContain(file)
})

it('one command leads from artefacts and a few calls to the first conflict', async () => {
  const pay = (from: number): object => ({
    from,
    to: 'a',
    call: 'transfer',
    args: ['@pair', 1_000_000],
  })
  const swap = (from: number): object => ({
    from,
    to: 'pair',
    call: 'swap',
    args: [0, 900_000, `@${from}`, '0x'],
  })
  const fund = (token: string, to: string): object => ({
    to: token,
    call: 'transfer',
    args: [to, '1000000000'],
  })
  const deploy = (name: string, as: string, ...args: readonly unknown[]): object => ({
    deploy: name,
    as,
    args,
  })
  const scenario = {
    setup: [
      deploy('ERC20', 'a', '1000000000000'),
      deploy('ERC20', 'b', '1000000000000'),
      deploy('UniswapV2Pair', 'pair'),
      { to: 'pair', call: 'initialize', args: ['@a', '@b'] },
      ...['@pair', '@1', '@2', '@3'].map((to) => fund('a', to)),
      fund('b', '@pair'),
      // Its deployer stands for the factory here, and is asked whom to pay: it has no code, so liquidity is not minted.
      { to: 'pair', call: 'sync', args: [] },
    ],
    transactions: [1, 2, 3].flatMap((from) => [pay(from), swap(from)]),
  }
  const file = join(folder.path, 'swaps.json')
  writeFileSync(file, JSON.stringify(scenario))
  const { code, stdout } = await capture(report, file, '--artifacts', uniswapV2.compile())
  expect(code).toBe(0)
  expect(stdout).toMatch(/\n1 {2}UniswapV2Pair\.reserve0\+reserve1/)
  expect(stdout).toContain('UniswapV2Pair.sol:')
  expect(stdout).toContain('a pool reserve')
  expect(stdout).toMatch(/\nNAMES {8}(\d+) of \1 slots named/)
})
