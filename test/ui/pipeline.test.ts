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
      await advance(60_000)
      await page.getByRole('alert').waitFor()
      await page.getByRole('button', { name: 'Heal all' }).click()
      await advance(20_000)
      await page.getByRole('alert').waitFor({ state: 'detached' })
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
