import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { access } from '../../src/cli/profile/access.ts'
import { check } from '../../src/cli/profile/check.ts'
import { compare } from '../../src/cli/profile/compare.ts'
import { diff } from '../../src/cli/profile/diff.ts'
import { matrix } from '../../src/cli/profile/matrix.ts'
import { report } from '../../src/cli/profile/report.ts'
import { why } from '../../src/cli/profile/why.ts'
import { checkout, temporaryFolder } from '../support/checkout.ts'
import { type Profiled, feeChain } from '../unit/node/profiled.ts'
import { capture } from './capture.ts'

const folder = temporaryFolder('profile')
afterAll(folder.remove)

const ARTEFACTS = ['--artifacts', join(checkout, 'out')]

let chain: Profiled & { readonly token: string; readonly hashes: readonly string[] }
let rpc: readonly string[]
beforeAll(async () => {
  chain = await feeChain()
  const { port } = await chain.node.serve({ port: 0 })
  rpc = ['--rpc-url', `http://127.0.0.1:${port}`]
})
afterAll(() => chain[Symbol.asyncDispose]())

function write(name: string, text: string): string {
  const path = join(folder.path, name)
  writeFileSync(path, text)
  return path
}

/** Two transfers of a token, from accounts of their own to strangers. */
function transfers(token: string): object {
  const to = (n: number): string => `0x${String(n).repeat(40)}`
  return {
    setup: [
      { deploy: token, args: ['Fee', 'FEE', '1000000000000'], as: 'token' },
      { to: 'token', call: 'transfer', args: ['@1', 1_000_000] },
      { to: 'token', call: 'transfer(address,uint256)', args: ['@2', 1_000_000] },
    ],
    transactions: [
      { from: 1, to: 'token', call: 'transfer', args: [to(7), 1000] },
      { from: 2, to: 'token', call: 'transfer', args: [to(8), 1000] },
    ],
  }
}

describe('heddle report', () => {
  it('shows the variable, its lines, the bound, and what is not counted, on one screen', async () => {
    const { code, stdout } = await capture(report, '--last', '17', '--as-block', ...rpc)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^blocks 2 to 18, 17 transactions, run again as one block, [\d,]+ gas\n/)
    expect(stdout).toMatch(/\n1 {2}FeeToken\.feesCollected +17 +17 /)
    expect(stdout).toContain('read and written at contracts/src/tokens/FeeToken.sol:42')
    expect(stdout).toContain('an accumulator: keep a part for each account')
    expect(stdout).toMatch(/\nNOT COUNTED {2}nonces of one sender/)
    expect(stdout).toMatch(/\nNAMES {8}(\d+) of \1 slots named\n$/)
    const lines = stdout.split('\n')
    expect(lines.length).toBeLessThan(40)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(112)
  })

  it('looks at the newest transactions as one block when no window is named, and says so', async () => {
    const { stdout } = await capture(report, ...rpc)
    expect(stdout).toMatch(/^blocks 2 to 18, 17 transactions, run again as one block, [\d,]+ gas\n/)
    expect(stdout).toContain(
      '\nno window named: the newest transactions, at most 100 (--last N, a block, or blocks as 4..9)\n',
    )
    expect(stdout).toMatch(/\n1 {2}FeeToken\.feesCollected +17 +17 /)
    const named = await capture(report, '--last', '8', ...rpc)
    expect(named.stdout).not.toContain('no window named')
    const compared = await capture(compare, ...rpc)
    expect(compared.stdout).toContain('run again as one block')
    expect(compared.stdout).toContain('no window named')
  })

  it('has one clear line when nothing answers, and for what it does not know', async () => {
    const nobody = await capture(report, '--rpc-url', 'http://127.0.0.1:1')
    expect(nobody).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'heddle report: no node answers at http://127.0.0.1:1: start one with heddle, or name one with --rpc-url\n',
    })
    const unknown = await capture(report, '--lats', '4')
    expect(unknown.stderr).toBe('heddle report: unknown option --lats\nTry heddle report --help.\n')
    const two = await capture(report, 'latest', '--last', '4')
    expect(two.stderr).toContain('name one window: a block, --last or --blocks')
    const none = await capture(report, '99', ...rpc)
    expect(none).toMatchObject({ code: 2, stderr: 'heddle report: block 99 not found\n' })
    const odd = await capture(report, 'nothing.json')
    expect(odd.stderr).toContain('expected a block, a window as 4..9, or the file of a scenario')
  })

  it('is the answer of the method with --json', async () => {
    const { stdout } = await capture(report, '11..18', '--json', ...rpc)
    expect(JSON.parse(stdout)).toMatchObject({
      transactions: 8,
      fixFirst: [{ name: 'FeeToken.feesCollected' }],
    })
  })
})

describe('heddle why', () => {
  it('has both lines and both calls', async () => {
    const [a, b] = chain.hashes
    const { code, stdout } = await capture(why, a!, b!, ...rpc)
    expect(code).toBe(0)
    expect(stdout).toBe(
      [
        `FeeToken.transfer (${b!.slice(0, 10)}) depends on FeeToken.transfer (${a!.slice(0, 10)}).`,
        '',
        '  FeeToken.feesCollected',
        '    written  contracts/src/tokens/FeeToken.sol:42  in FeeToken.transfer',
        '    read     contracts/src/tokens/FeeToken.sol:42  in FeeToken.transfer',
        '',
        'measured; 5 of 5 slots named',
        '',
      ].join('\n'),
    )
    const bad = await capture(why, a!, '0x12')
    expect(bad.stderr).toContain('expected the hash of a transaction, got 0x12')
  })
})

describe('heddle access', () => {
  it('says what a list costs, and fails on what it is told to', async () => {
    const call = chain.call(1, chain.token, 'FeeToken', 'transfer', `0x${'9'.repeat(40)}`, 5n)
    const accessList = [{ address: `0x${'ab'.repeat(20)}`, storageKeys: [] }]
    const file = write('call.json', JSON.stringify({ ...call, accessList }))
    const { code, stdout } = await capture(access, file, '--fail-on', 'superfluous', ...rpc)
    expect(code).toBe(1)
    expect(stdout).toMatch(/as declared +1 +[\d,]+ +-2,400\n/)
    expect(stdout).toMatch(/SUPERFLUOUS\n {2}account 0xabab…abab +not used +costs 2,400 gas\n/)
    const fine = await capture(access, chain.hashes[0]!, '--fail-on', 'superfluous,missing', ...rpc)
    expect(fine).toMatchObject({ code: 0 })
    const odd = await capture(access, chain.hashes[0]!, '--fail-on', 'everything', ...rpc)
    expect(odd.stderr).toContain('--fail-on: expected superfluous or missing, got everything')
  })

  it('prints a list to paste: the cheapest, or what is used where none pays', async () => {
    const call = chain.call(1, chain.token, 'FeeToken', 'transfer', `0x${'9'.repeat(40)}`, 5n)
    const used = await capture(access, JSON.stringify(call), '--format', 'eip2930', ...rpc)
    expect(used.stderr).toContain('no list saves gas (measured)')
    const accessList = JSON.parse(used.stdout) as { address: string; storageKeys: string[] }[]
    expect(accessList).toMatchObject([{ address: chain.token }])
    expect(accessList[0]!.storageKeys).toHaveLength(3)
    const pasted = await capture(access, JSON.stringify({ ...call, accessList }), '--json', ...rpc)
    expect(JSON.parse(pasted.stdout)).toMatchObject({ superfluous: [], undeclared: 0 })
    // Whoever calls the token by way of another contract pays for the account: three slots make up for it.
    const via = `0x${'c1'.repeat(20)}`
    const forward = `0x3660006000375f5f365f5f73${chain.token.slice(2)}5af1`
    await chain.node.request({ method: 'anvil_setCode', params: [via, forward] })
    const indirect = JSON.stringify({ ...call, to: via })
    const cheapest = await capture(access, indirect, '--format', 'eip2930', ...rpc)
    expect(cheapest.stderr).toBe('')
    expect(JSON.parse(cheapest.stdout)).toMatchObject([{ address: chain.token }])
  })

  it("has a transaction's part of the block's list, its pages, and no other format", async () => {
    const ask = (method: string, ...params: unknown[]): Promise<unknown> =>
      chain.node.request({ method, params })
    type Part = { address: string; storageChanges: { changes: { index: string }[] }[] }
    const changesOf = (list: readonly Part[]): unknown[] =>
      list
        .find(({ address }) => address === chain.token)!
        .storageChanges.map(({ changes, ...slot }) => ({
          ...slot,
          changes: changes.filter(({ index }) => index === '0x2'),
        }))
        .filter(({ changes }) => changes.length > 0)
    const before = await ask('evm_snapshot')
    await ask('evm_setAutomine', false)
    const hashes: string[] = []
    for (const n of [1, 2]) {
      const call = chain.call(n, chain.token, 'FeeToken', 'transfer', `0x${'9'.repeat(40)}`, 1000n)
      hashes.push((await ask('eth_sendTransaction', call)) as string)
    }
    await ask('evm_mine')
    await ask('evm_setAutomine', true)
    const { stdout } = await capture(access, hashes[1]!, '--format', 'bal', ...rpc)
    const own = JSON.parse(stdout) as Part[]
    expect(changesOf(own)).toHaveLength(3)
    expect(changesOf(own)).toEqual(
      changesOf((await ask('eth_getBlockAccessList', 'latest')) as Part[]),
    )
    const pages = await capture(access, hashes[1]!, '--format', 'monad-pages', ...rpc)
    const shown = JSON.parse(pages.stdout) as Record<string, unknown>
    expect(Object.keys(shown)).toEqual(['declaredPages', 'usedPages', 'pages'])
    // The fees are in a slot of the first page, each balance is on one of its own.
    expect(shown).toMatchObject({ declaredPages: 0, usedPages: 3 })
    const odd = await capture(
      access,
      hashes[1]!,
      '--format',
      'rlp',
      '--rpc-url',
      'http://127.0.0.1:1',
    )
    expect(odd).toMatchObject({ code: 2, stdout: '' })
    expect(odd.stderr).toContain(
      '--format: expected one of named, eip2930, bal, monad-pages, got rlp',
    )
    const both = await capture(access, hashes[1]!, '--format', 'bal', '--fail-on', 'missing')
    expect(both.stderr).toContain('--format, --fail-on: name one of the two')
    expect(await ask('evm_revert', before)).toBe(true)
  })
})

describe('heddle compare', () => {
  it('has a row for each chain model', async () => {
    const { stdout } = await capture(compare, '11..18', '--cores', '2,4', ...rpc)
    expect(stdout).toContain('modelled in virtual time')
    expect(stdout).toMatch(/\nserial +Ethereum today +1\.00x +1\.00x/)
    expect(stdout).toMatch(/\nbal +EIP-7928 clients +2\.00x +4\.00x/)
    const odd = await capture(compare, '11..18', '--policies', 'best', ...rpc)
    expect(odd.stderr).toContain('best is not known here; there are serial, optimistic')
  })
})

describe('heddle diff', () => {
  it('compares two kept reports, before and after', async () => {
    const before = write('before.json', JSON.stringify(transfers('FeeToken')))
    const after = write('after.json', JSON.stringify(transfers('FeeTokenPerAccount')))
    const kept: string[] = []
    for (const file of [before, after]) {
      const { stdout } = await capture(report, file, '--json', ...ARTEFACTS)
      kept.push(write(`${kept.length}.report.json`, stdout))
    }
    const { code, stdout } = await capture(diff, ...kept)
    expect(code).toBe(0)
    expect(stdout).toMatch(/bound, modelled +1\.00x +2\.00x/)
    expect(stdout).toMatch(/FeeToken\.feesCollected +1 +0 /)
    const odd = await capture(diff, before, after)
    expect(odd.stderr).toContain('is no report: keep one with heddle report --json > FILE')
  })
})

describe('heddle check', () => {
  it('gates a bundle on a node of its own: conflict, cure, and a snapshot in between', async () => {
    const file = write('fees.json', JSON.stringify(transfers('FeeToken')))
    const flags = ['--min-speedup', '1.5@2', '--allow', 'none', ...ARTEFACTS]
    const before = await capture(check, file, ...flags)
    expect(before.code).toBe(1)
    expect(before.stdout).toMatch(/on 2 cores, modelled +1\.00x +wanted 1\.50x +FAIL/)
    expect(before.stdout).toContain('FeeToken.feesCollected  1 dependency\n')
    expect(before.stdout).toContain(
      'written  contracts/src/tokens/FeeToken.sol:42  by FeeToken.transfer (transaction 0)',
    )
    const snapshot = join(folder.path, 'fees.parallel.json')
    expect(existsSync(snapshot)).toBe(false)
    expect((await capture(check, file, '--update', ...ARTEFACTS)).code).toBe(0)
    const kept = readFileSync(snapshot, 'utf8')
    expect(JSON.parse(kept)).toMatchObject({
      version: 1,
      transactions: 2,
      conflicts: { 'FeeToken.feesCollected': 1 },
    })
    expect((await capture(check, file, '--update', ...ARTEFACTS)).code).toBe(0)
    expect(readFileSync(snapshot, 'utf8')).toBe(kept)

    writeFileSync(file, JSON.stringify(transfers('FeeTokenPerAccount')))
    const after = await capture(check, file, ...flags)
    expect(after.code).toBe(0)
    expect(after.stdout).toMatch(
      /LESS THAN IN THE SNAPSHOT .*\n {2}FeeToken\.feesCollected +1 -> 0/,
    )

    writeFileSync(snapshot, kept.replace('"FeeToken.feesCollected": 1', '"Other.count": 1'))
    writeFileSync(file, JSON.stringify(transfers('FeeToken')))
    const worse = await capture(check, file, ...ARTEFACTS)
    expect(worse.code).toBe(1)
    expect(worse.stdout).toMatch(/MORE THAN IN THE SNAPSHOT\n {2}FeeToken\.feesCollected +0 -> 1/)
  })

  it('takes a module, and what forge wrote about a script', async () => {
    const module = write(
      'scenario.ts',
      `export default ({ accounts }: { accounts: string[] }) => ({
        setup: [{ deploy: 'Counter', as: 'counter' }],
        transactions: accounts.slice(0, 3).map((from) => ({ from, to: 'counter', call: 'increment' })),
      })`,
    )
    const counted = await capture(check, module, '--allow', 'none', '--json', ...ARTEFACTS)
    expect(counted.code).toBe(1)
    expect(JSON.parse(counted.stdout)).toMatchObject({
      pass: false,
      notAllowed: [{ name: 'Counter.count', edges: 2 }],
    })
    const from = '0x1804c8ab1f12e6bbf3894d4083f33e07309d1f38'
    const broadcast = write(
      'run-latest.json',
      JSON.stringify({
        transactions: ['0x1', '0x2'].map((value, n) => ({
          transactionType: 'CALL',
          transaction: {
            from,
            to: `0x${String(n + 1).repeat(40)}`,
            value,
            input: '0x',
            nonce: `0x${n + 7}`,
          },
        })),
      }),
    )
    const free = await capture(check, broadcast, '--allow', 'none', ...ARTEFACTS)
    expect(free.code).toBe(0)
    expect(free.stdout).toContain('a bundle of 2 transactions')
  })

  it('names the entry and the line of a scenario that is malformed', async () => {
    const wrong = async (text: string): Promise<string> =>
      (await capture(check, write('bad.json', text), ...ARTEFACTS)).stderr
    expect(await wrong('{\n"transactions": [\n{"to" 5}]}')).toContain('bad.json:3: ')
    expect(await wrong('{"transactions": [{"from": 99}]}')).toContain(
      'transactions[0].from: there are 10 accounts, from 0; got 99',
    )
    expect(await wrong('{"transactions": [{"deploy": "Nope"}]}')).toContain(
      'transactions[0]: contract Nope is not among the artefacts',
    )
    expect(await wrong('{"transactions": [{"too": 1}]}')).toContain(
      'transactions[0].too: not known here',
    )
    expect(
      await wrong(
        '{"setup": [{"deploy": "Counter"}], "transactions": [{"to": "Counter", "call": "grow"}]}',
      ),
    ).toContain('transactions[0].call: Counter has no function grow')
    expect(await wrong('[]')).toContain('transactions: there are none')
  })

  it('writes a first scenario from the chain, which runs on that chain', async () => {
    const file = join(folder.path, 'first.json')
    const made = await capture(check, '--init', file, ...rpc)
    expect(made.stdout).toContain('has the newest 17 calls')
    const { code, stdout } = await capture(check, file, '--allow', 'FeeToken.balanceOf', ...rpc)
    expect(code).toBe(1)
    expect(stdout).toContain('FeeToken.feesCollected  16 dependencies')
    const again = await capture(check, '--init', file, ...rpc)
    expect(again.stderr).toContain('is there already')
  })
})

describe('heddle matrix', () => {
  it('grades functions against each other by calls of the chain, and says what it cannot judge', async () => {
    await chain.send(1, chain.token, 'FeeToken', 'approve', chain.accounts[2], 5n)
    const { code, stdout } = await capture(matrix, chain.token, '--callers', '8', ...rpc)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^FeeToken, 8 callers in each cell/)
    expect(stdout).toMatch(/\napprove +parallel\n/)
    expect(stdout).toMatch(/\ntransfer +parallel +SERIAL\n/)
    expect(stdout).toContain('transfer: SERIAL by FeeToken.feesCollected')
    expect(stdout).toMatch(/\n {2}collect: 8 of 8 calls fail: execution reverted:\s+NotCollector\(/)
    expect(stdout.match(/calls fail/g)).toHaveLength(2)
    expect(stdout).toContain('with arguments made up by their types: collect, transferFrom')
    const nobody = await capture(matrix, `0x${'12'.repeat(20)}`, ...rpc)
    expect(nobody).toMatchObject({ code: 2 })
    expect(nobody.stderr).toContain('call its functions once first')
  })
})
