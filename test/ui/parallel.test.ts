import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'

import { checkout } from '../support/checkout.ts'
import { expectAccessible, expectFits, expectQuiet, onStage } from './browser.ts'
import { type Fees, mineFees } from './fees.ts'

const LINE = 'contracts/src/tokens/FeeToken.sol:42'
const COUNT = 1000

onStage(
  'parallelism',
  (stage) => {
    let fees: Promise<Fees> | undefined
    const few = (): Promise<Fees> => (fees ??= mineFees(stage, 12))
    const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true })

    it('first looks at the newest transactions, and names what to fix with its line', async () => {
      await few()
      const page = await stage.open('/parallel')
      const fix = panel(page, 'Fix first').getByRole('listitem').first()
      await fix.getByText('FeeToken.feesCollected').waitFor()
      await fix.getByText(LINE).waitFor()
      await fix.getByText('modelled').waitFor()
      await expectAccessible(page)
      expectQuiet(page)
    })

    it('chooses another window, which the address bar keeps', async () => {
      const { block } = await few()
      const page = await stage.open('/parallel')
      await page.getByLabel('Window: what it spans').selectOption('blocks')
      await page.getByLabel('Blocks').fill(`1..${block}`)
      await page.getByLabel('spread senders').check()
      await page.getByRole('button', { name: 'Look' }).click()
      await page.getByText('as one block').last().waitFor()
      expect(new URL(page.url()).search).toBe(`?blocks=1..${block}&as-block&spread-senders`)
      await page.getByLabel('Blocks').fill('9..2')
      await page.getByRole('button', { name: 'Look' }).click()
      await page.getByText('expected something like 4..9').waitFor()
      expectQuiet(page)
    })

    it('says what is wrong with an address', async () => {
      const page = await stage.open('/parallel?last=lots')
      await page.getByText('last: expected something like 50, not "lots"').waitFor()
    })

    it('explains a dependency of the graph with both lines', async () => {
      const { block } = await few()
      const page = await stage.open(`/parallel?block=${block}`)
      const graph = panel(page, 'Who waits for whom')
      await graph.getByText('As a list').click()
      await graph.getByRole('button', { name: '1 · FeeToken.transfer waits for 0' }).click()
      const why = page.getByRole('region', { name: 'Why these two conflict' })
      await why.getByText(LINE).first().waitFor()
      expect(await why.getByText('FeeToken.feesCollected').count()).toBe(1)
      expect(await why.getByText(LINE).count()).toBe(2)
      await graph.locator('.react-flow__edge.critical').first().waitFor({ state: 'attached' })
      await why.getByRole('button', { name: 'Close' }).click()
      await why.waitFor({ state: 'detached' })
      expectQuiet(page)
    })

    it('runs a block on lanes, shows them, and that all came out as in order', async () => {
      const { block } = await few()
      const page = await stage.open(`/parallel?block=${block}`)
      const lanes = panel(page, 'Lanes')
      await lanes.getByLabel('Executor').selectOption('block-stm')
      await lanes.getByRole('button', { name: 'Run it again now' }).click()
      await lanes.getByText('block-stm, 2 lanes').waitFor()
      await lanes.getByText('yes: receipts, gas, state root').waitFor()
      await lanes.getByText('As a table').click()
      const table = lanes.getByRole('table', { name: 'Runs in lanes' })
      const rows = table
        .getByRole('row')
        .filter({ has: page.getByRole('cell', { name: 'merged', exact: true }) })
      await expect.poll(() => rows.count()).toBe(12)
      expect(await rows.filter({ hasText: /by lane [01]/ }).count()).toBe(12)
      await lanes.getByRole('row', { name: /^root of the state/ }).waitFor()
      await expectAccessible(page)
      expectQuiet(page)
    })

    it('tells by pointing what lanes merged when, and what the block’s time went to', async () => {
      const { block } = await few()
      const page = await stage.open(`/parallel?block=${block}`)
      const lanes = panel(page, 'Lanes')
      await lanes.getByRole('button', { name: 'Run it again now' }).click()
      const drawing = lanes.getByRole('img', { name: /Timeline of \d+ runs in \d lanes/ })
      await drawing.scrollIntoViewIfNeeded()
      const { x, y, width, height } = (await drawing.boundingBox())!
      const tip = lanes.locator('.timeline-tip')
      const told = new Set<string>()
      const isTold = (words: RegExp): boolean => [...told].some((text) => words.test(text))
      const point = async (row: number, words: RegExp): Promise<void> => {
        for (let at = x + 60; at < x + width && !isTold(words); at += 12) {
          await page.mouse.move(at, row)
          if ((await tip.count()) > 0) told.add((await tip.textContent()) ?? '')
        }
      }
      // Every row's lower part: merges, and at last the steps of the block.
      const rows: number[] = []
      for (let row = y + 24 + 28; row < y + height; row += 42) rows.push(row)
      const steps = rows.pop()!
      const merge = /merge of \d+ · FeeToken\.transfer ?takes effect by lane \d/
      const receipts = /receipts, their root/
      await point(steps, /transactions in lanes/)
      // What took long beside them leaves few pixels to others: nearer, to the right, until they can be pointed at.
      for (let near = 0; near < 12; near++) {
        for (const row of rows) await point(row, merge)
        await point(steps, receipts)
        if (isTold(merge) && isTold(receipts)) break
        await drawing.focus()
        await page.keyboard.press('+')
        for (let step = 0; step < 4; step++) await page.keyboard.press('ArrowRight')
      }
      const all = [...told].join('\n')
      expect(all).toMatch(merge)
      expect(all).toContain('transactions in lanes')
      expect(all).toMatch(receipts)
      expectQuiet(page)
    })

    it('marks on the curve what was measured, beside what is modelled', async () => {
      const { block } = await few()
      const page = await stage.open(`/parallel?block=${block}`)
      const proof = panel(page, 'Serial against parallel')
      await proof.getByRole('button', { name: 'Run each executor now' }).click()
      const done = proof.getByRole('row', { name: /^bal 4 .* yes \d+ 3/ })
      await done.waitFor()
      const same = proof.getByRole('cell', { name: 'yes', exact: true })
      await expect.poll(() => same.count()).toBe(13)
      const curve = panel(page, 'Speed-up by cores')
      await curve.getByLabel('dag, measured').waitFor()
      await curve.getByText('As a table').click()
      const measured = curve.getByRole('row', { name: /^dag measured this node/ })
      const cells = measured.getByRole('cell').filter({ hasText: /x$/ })
      await expect.poll(() => cells.count()).toBe(3)
      await curve.getByRole('row', { name: /^dag modelled/ }).waitFor()
      await expectAccessible(page)
      expectQuiet(page)
    })

    it('draws the executors that are chosen, and has their figures as a table', async () => {
      const { block } = await few()
      const page = await stage.open(`/parallel?block=${block}`)
      const curve = panel(page, 'Speed-up by cores')
      await curve.getByLabel('bal').check()
      await curve.getByText('As a table').click()
      const row = curve.getByRole('row').filter({ hasText: 'EIP-7928' })
      expect(await row.getByRole('cell').last().textContent()).toMatch(/^\d+\.\d\dx$/)
      expectQuiet(page)
    })

    it('saves the report, the graph and a trace', async () => {
      const { block } = await few()
      const page = await stage.open(`/parallel?block=${block}`)
      const saved = async (button: string): Promise<string> => {
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('button', { name: button }).click(),
        ])
        return readFileSync(await download.path(), 'utf8')
      }
      const report = JSON.parse(await saved('Save as JSON')) as { transactions: number }
      expect(report.transactions).toBe(12)
      expect(await saved('Save as SVG')).toContain('FeeToken.transfer')
      const trace = JSON.parse(await saved('Save for Perfetto and speedscope')) as {
        traceEvents: unknown[]
      }
      expect(trace.traceEvents.length).toBeGreaterThan(12)
      expectQuiet(page)
    })

    it('opens a block of a thousand transactions; its timeline zooms and pans by keyboard', async () => {
      const { block } = await mineFees(stage, COUNT)
      const page = await stage.open(`/parallel?block=${block}`)
      await panel(page, 'Speed-up by cores').getByRole('checkbox', { name: 'dag' }).waitFor()
      const lanes = panel(page, 'Lanes')
      await lanes.getByRole('button', { name: 'Run it again now' }).click()
      const drawing = lanes.getByRole('img', { name: /Timeline of \d+ runs/ })
      await drawing.waitFor()
      const looks = async (): Promise<string> => {
        await page.evaluate(
          'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
        )
        return (await drawing.screenshot()).toString('base64')
      }
      await drawing.focus()
      const all = await looks()
      await page.keyboard.press('+')
      await page.keyboard.press('+')
      const near = await looks()
      expect(near).not.toBe(all)
      await page.keyboard.press('ArrowRight')
      expect(await looks()).not.toBe(near)
      await page.keyboard.press('0')
      expect(await looks()).toBe(all)
      await lanes.getByText('As a table').waitFor()
      expectQuiet(page)
    })

    it('fits a narrow screen in the dark', async () => {
      const { block } = await few()
      const options = { width: 390, height: 844, theme: 'dark' } as const
      const page = await stage.open(`/parallel?block=${block}`, options)
      await panel(page, 'Hot locations').getByText('FeeToken.feesCollected').waitFor()
      await expectFits(page)
      await expectAccessible(page)
    })
  },
  ['--artifacts', join(checkout, 'out')],
)
