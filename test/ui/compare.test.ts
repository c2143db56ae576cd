import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

import { checkout } from '../support/checkout.ts'
import { spawnCommand } from '../support/node.ts'
import { expectAccessible, expectFits, expectQuiet, onStage } from './browser.ts'
import { type Fees, mineFees } from './fees.ts'

onStage(
  'compare',
  (stage) => {
    let fees: Promise<Fees> | undefined
    const few = (): Promise<Fees> => (fees ??= mineFees(stage, 12))

    it('has all executors side by side, and runs a block by each on real lanes', async () => {
      const { block } = await few()
      const page = await stage.open(`/compare?block=${block}`)
      const modelled = page.getByRole('region', { name: 'All executors' })
      await modelled.getByRole('row').filter({ hasText: 'Aptos' }).waitFor()
      await page.getByRole('button', { name: 'Run each executor now' }).click()
      const lanes = page.getByRole('region', { name: 'On real lanes' })
      await lanes.getByRole('row', { name: /^bal 4 / }).waitFor()
      const rows = lanes.getByRole('row').filter({ hasText: /serial|optimistic|block-stm|dag|bal/ })
      await expect.poll(() => rows.count()).toBe(13)
      expect(await lanes.getByRole('cell', { name: 'yes', exact: true }).count()).toBe(13)
      await expectAccessible(page)
      expectQuiet(page)
    })

    it('shows what a change did: a window against a saved report, the difference first', async () => {
      const { block } = await few()
      const report = await stage.call<object>('parallel_getContention', `0x${block.toString(16)}`)
      const folder = mkdtempSync(join(tmpdir(), 'heddle-compare-'))
      const file = join(folder, 'cured.json')
      writeFileSync(file, JSON.stringify({ ...report, fixFirst: [], bound: { byGas: 12 } }))
      const page = await stage.open('/compare')
      const before = page.getByRole('region', { name: 'Before', exact: true })
      await before.getByLabel('Before: what it spans').selectOption('block')
      await before.getByRole('textbox', { name: 'One block' }).fill(`${block}`)
      await before.getByRole('button', { name: 'Look' }).click()
      await before.getByText(`block ${block}, 12 transactions`).waitFor()
      await page.getByLabel('After: a report in a file').setInputFiles(file)
      const changed = page.getByRole('table', {
        name: 'What orders other transactions than before',
      })
      const row = changed.getByRole('row').filter({ hasText: 'FeeToken.feesCollected' })
      await row.waitFor()
      expect(await row.getByRole('cell').allTextContents()).toEqual([
        'FeeToken.feesCollected',
        '11',
        '0',
        expect.stringMatching(/^\d{3},\d{3}$/),
        '0',
      ])
      await page.getByRole('row').filter({ hasText: 'at most' }).getByText('12.00x').waitFor()
      writeFileSync(file, '{ "not": "a report" }')
      await page.getByLabel('Before: a report in a file').setInputFiles(file)
      await page.getByText('cured.json is no report').waitFor()
      rmSync(folder, { recursive: true })
      expectQuiet(page)
    })

    it('fits a narrow screen', async () => {
      const page = await stage.open('/compare', { width: 390, height: 844 })
      await page.getByRole('row').filter({ hasText: 'Aptos' }).waitFor()
      await expectFits(page)
      await expectAccessible(page)
    })
  },
  ['--artifacts', join(checkout, 'out')],
)

onStage(
  'access lists',
  (stage) => {
    it('shows what is superfluous, what each list costs, and the list of the block', async () => {
      const { token, hashes } = await mineFees(stage, 2)
      const [from] = await stage.call<string[]>('eth_accounts')
      const stranger = `0x${'77'.repeat(20)}`
      const first = await stage.call<{ input: string }>('eth_getTransactionByHash', hashes[0])
      const hash = await stage.call<string>('eth_sendTransaction', {
        from,
        to: token,
        data: first.input,
        gas: '0x30d40',
        accessList: [{ address: stranger, storageKeys: [] }],
      })
      const page = await stage.open('/access')
      await page.getByLabel('Transaction hash').fill(hash)
      await page.getByRole('button', { name: 'Look' }).click()
      await page.getByText('FeeToken.transfer').waitFor()
      expect(new URL(page.url()).pathname).toBe(`/access/${hash}`)
      const superfluous = page.getByRole('region', { name: 'Superfluous' })
      await superfluous
        .getByRole('row')
        .filter({ hasText: '2,400' })
        .getByText('not used')
        .waitFor()
      const saved = page.locator('.figure').filter({ hasText: 'To be saved' })
      expect(await saved.getByRole('definition').textContent()).toBe('2,400')
      await page
        .getByRole('region', { name: /The list of block \d+/ })
        .getByRole('row')
        .nth(1)
        .waitFor()
      await expectAccessible(page)
      expectQuiet(page)
    })

    it('says that there is no such transaction', async () => {
      const page = await stage.open(`/access/0x${'12'.repeat(32)}`)
      await page.getByRole('alert').waitFor()
      expect(await page.getByRole('alert').textContent()).toContain('is in no block')
    })

    it('fits a narrow screen in the dark', async () => {
      const { hashes } = await mineFees(stage, 2)
      const options = { width: 390, height: 844, theme: 'dark' } as const
      const page = await stage.open(`/access/${hashes[1]}`, options)
      await page.getByRole('region', { name: 'Stability' }).waitFor()
      await expectFits(page)
      await expectAccessible(page)
    })
  },
  ['--artifacts', join(checkout, 'out')],
)

onStage(
  'a report in a file',
  (stage) => {
    it('opens without a node, with the same parts, and names as text', async () => {
      const { block } = await mineFees(stage, 12)
      const folder = mkdtempSync(join(tmpdir(), 'heddle-report-'))
      const file = join(folder, 'report.html')
      const flags = ['report', `${block}`, '--html', file, '--rpc-url', stage.node.url]
      await using command = spawnCommand({ flags })
      expect((await command.ended).stdout).toBe(`written to ${file}\n`)
      const page = await stage.open('/nowhere')
      await page.goto(`file://${file}`)
      await page
        .getByRole('heading', { name: `What keeps block ${block}, 12 transactions` })
        .waitFor()
      await page.getByRole('listitem').getByText('FeeToken.feesCollected').first().waitFor()
      await page.getByText('As a list').click()
      await page.getByRole('button', { name: '1 · FeeToken.transfer waits for 0' }).click()
      await page.getByRole('region', { name: 'Why these two conflict' }).waitFor()
      await page.getByRole('checkbox', { name: 'bal', exact: true }).check()
      const lanes = page.getByRole('region', { name: 'Lanes', exact: true })
      await lanes.getByRole('combobox').selectOption({ label: 'as it was mined' })
      await lanes.getByText('When it was mined it ran in order').waitFor()
      await lanes.getByRole('combobox').selectOption({ label: 'again, by block-stm in 2 lanes' })
      await lanes.getByRole('img', { name: /Timeline of \d+ runs in \d lanes/ }).waitFor()
      await lanes.getByText('yes: receipts, gas, state root').waitFor()
      const proof = page.getByRole('region', { name: 'Serial against parallel' })
      const same = proof.getByRole('cell', { name: 'yes', exact: true })
      await expect.poll(() => same.count()).toBe(5)
      await page.getByRole('checkbox', { name: 'dag, measured' }).waitFor()
      await expectFits(page)
      await expectAccessible(page)
      expectQuiet(page)
      // Its own script and no other, and nobody is asked.
      expect(await page.locator('script:not([type="application/json"])').count()).toBe(1)
      await page.evaluate(`
        document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.hacked = 1">')
        fetch('${stage.node.url}').then(() => (window.hacked = 2)).catch(() => (window.refused = true))
      `)
      await page.waitForFunction('window.refused === true')
      expect(await page.evaluate('window.hacked')).toBeUndefined()
      rmSync(folder, { recursive: true })
    })

    it('is refused where it cannot be written', async () => {
      const flags = ['report', '--html', '/nowhere/at/all.html', '--rpc-url', stage.node.url]
      await using command = spawnCommand({ flags })
      const { code, stderr } = await command.ended
      expect(code).toBe(2)
      expect(stderr).toContain('--html: cannot write /nowhere/at/all.html')
    })
  },
  ['--artifacts', join(checkout, 'out')],
)
