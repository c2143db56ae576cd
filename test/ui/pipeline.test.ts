import { expect, it } from 'vitest'

import { expectAccessible, expectFits, expectQuiet, onStage } from './browser.ts'

onStage('the pipeline without validators', (stage) => {
  it('says how blocks come about, and how to see more', async () => {
    const page = await stage.open('/pipeline')
    await page.getByText('No validators: --consensus instant').waitFor()
    expectQuiet(page)
  })
})

onStage(
  'the pipeline',
  (stage) => {
    const advance = (ms: number) => stage.call('parallel_advance', ms)

    it('follows blocks from proposed to certified, and the clock that is moved', async () => {
      await advance(3_000)
      const page = await stage.open('/pipeline')
      const finalized = page.locator('.figure').filter({ hasText: /^Finalized/ })
      const shown = async (): Promise<number> =>
        Number(await finalized.getByRole('definition').textContent())
      const before = await shown()
      expect(before).toBeGreaterThan(0)
      await page.getByRole('button', { name: 'Advance' }).click()
      await expect.poll(shown).toBeGreaterThan(before)
      await page.getByRole('img', { name: /The way of \d+ blocks/ }).waitFor()
      await page.getByText('As a table').click()
      const blocks = page.getByRole('table', { name: 'When each block came to each state' })
      await blocks.getByRole('row').filter({ hasText: 'finalized' }).first().waitFor()
      expect(await page.getByRole('table', { name: 'Validators' }).getByRole('row').count()).toBe(5)
      await expectAccessible(page)
      expectQuiet(page)
    })

    it('breaks a leader and heals it: a round ends by timeout, and blocks go on', async () => {
      const page = await stage.open('/pipeline')
      const fault = page.getByRole('form', { name: 'Fault' })
      await fault.getByLabel('Validator').selectOption('0')
      await fault.getByLabel('Fault').selectOption('silence')
      await fault.getByLabel('for').fill('')
      await fault.getByRole('button', { name: 'Break' }).click()
      const validators = page.getByRole('table', { name: 'Validators' })
      await validators.getByRole('cell', { name: 'silence' }).waitFor()
      await advance(8_000)
      await page.locator('.rounds li[data-end="timeout"]').first().waitFor()
      await fault.getByRole('button', { name: 'Heal all' }).click()
      await validators.getByRole('cell', { name: 'silence' }).waitFor({ state: 'detached' })
      expectQuiet(page)
    })

    it('shows that it stands still when too many are broken', async () => {
      const page = await stage.open('/pipeline')
      await page.getByRole('button', { name: 'Cut the network in two' }).click()
      await page.getByText('1 active').waitFor()
      await advance(60_000)
      await page.getByRole('alert').waitFor()
      await page.getByRole('button', { name: 'Heal all' }).click()
      await page.getByText('0 active').waitFor()
      await advance(20_000)
      await page.getByRole('alert').waitFor({ state: 'detached' })
    })

    it('follows a block that was executed ahead and then withdrawn, on every page that shows it', async () => {
      const [from, to] = await stage.call<string[]>('eth_accounts')
      const send = (by: string | undefined) =>
        stage.call<string>('eth_sendTransaction', { from: by, to: from, value: '0x1' })
      const { withdrawnBlocks: before } = await stage.call<{ withdrawnBlocks: number }>(
        'parallel_consensusStatus',
      )
      const hash = await send(from)
      await stage.call('parallel_injectFault', {
        kind: 'partition',
        groups: [['leader']],
        forMs: 6_000,
      })
      const receipt = () =>
        stage.call<{ blockHash: string } | null>('eth_getTransactionReceipt', hash)
      const until = async (isSo: () => Promise<boolean>): Promise<void> => {
        for (let step = 0; step < 1_000 && !(await isSo()); step++) await advance(10)
        expect(await isSo()).toBe(true)
      }
      await until(async () => (await receipt()) !== null)
      const { blockHash: ahead } = (await receipt())!
      const number = Number(await stage.call('eth_blockNumber'))

      const page = await stage.open('/')
      const rows = page.getByRole('table', { name: 'Newest blocks' }).getByRole('row')
      const row = (hash: string) =>
        rows
          .filter({ has: page.getByRole('link', { name: `${number}` }) })
          .filter({ hasText: hash.slice(0, 6) })
      await row(ahead).waitFor()
      await page.evaluate('window.kept = true')

      // The next leader makes another block of it.
      await send(to)
      await until(async () => ((await receipt())?.blockHash ?? ahead) !== ahead)
      const { blockHash: instead } = (await receipt())!
      expect(Number(await stage.call('eth_blockNumber'))).toBe(number)
      await row(instead).getByRole('cell', { name: '2', exact: true }).waitFor()
      expect(await row(ahead).count()).toBe(0)

      await page.getByRole('link', { name: 'Pipeline' }).click()
      await page
        .locator('.figure')
        .filter({ hasText: new RegExp(`^Withdrawn${before + 1}$`) })
        .waitFor()
      await page.getByText('As a table').click()
      const blocks = page.getByRole('table', { name: 'When each block came to each state' })
      const lost = blocks.getByRole('row').filter({ hasText: 'withdrawn' })
      expect(await lost.getByRole('cell').first().textContent()).toBe(`${number}`)
      const drawn = page.getByRole('listitem').filter({ hasText: 'withdrawn · by' })
      expect(await drawn.getByRole('link').count()).toBe(0)
      await page.getByRole('listitem').filter({ hasText: '2 tx' }).getByRole('link').click()
      await page.getByRole('heading', { name: `Block ${number}` }).waitFor()
      expect(await page.getByText(instead).count()).toBeGreaterThan(0)
      expect(await page.evaluate('window.kept')).toBe(true)
      await advance(20_000)
      expectQuiet(page)
    })

    it('says which entry of a fault cannot be', async () => {
      const page = await stage.open('/pipeline')
      const fault = page.getByRole('form', { name: 'Fault' })
      await fault.getByLabel('for').fill('-5')
      await fault.getByRole('button', { name: 'Break' }).click()
      await page.getByRole('alert').getByText('fault.forMs').waitFor()
    })

    it('fits a narrow screen in the dark', async () => {
      const page = await stage.open('/pipeline', { width: 390, height: 844, theme: 'dark' })
      await page.getByRole('img', { name: /The way of \d+ blocks/ }).waitFor()
      await expectFits(page)
      await expectAccessible(page)
    })
  },
  ['--consensus', 'monad', '--consensus-set', 'clock=virtual'],
)
