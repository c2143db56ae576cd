import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import { expectAccessible, expectFits, expectQuiet, onStage } from './browser.ts'

const FIRST_VIEW_MOST_KIB = 400
const FROM = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266'
const TO = '0x70997970c51812dc3a010c7d01b50e0d17dc79c8'

describe('the built page', () => {
  it(`is under ${FIRST_VIEW_MOST_KIB} KiB for the first view, with nothing from elsewhere`, () => {
    const folder = join(import.meta.dirname, '..', '..', 'dist', 'ui')
    const html = readFileSync(join(folder, 'index.html'), 'utf8')
    const named = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path)
    expect(named.filter((path) => !path.startsWith('/assets/'))).toEqual([])
    const first = [...named, ...firstPage(folder)]
    const bytes = first.reduce(
      (sum, path) => sum + readFileSync(join(folder, `${path}.gz`)).length,
      0,
    )
    expect(bytes / 1024).toBeLessThan(FIRST_VIEW_MOST_KIB)
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/)
  })
})

/** What the first view loads besides. */
function firstPage(folder: string): string[] {
  return readdirSync(join(folder, 'assets'))
    .filter((name) => /^chain-.*\.(?:js|css)$/.test(name))
    .map((name) => `/assets/${name}`)
}

onStage('the frame', (stage) => {
  it('shows a block as it comes, without asking again and again', async () => {
    const page = await stage.open('/')
    await page.getByRole('status').getByText('block 0').waitFor()
    const sent: string[] = []
    page.on('websocket', () => sent.push('another socket'))
    await stage.call('eth_sendTransaction', { from: FROM, to: TO, value: '0xde0b6b3a7640000' })
    await page.getByRole('region', { name: 'Newest transactions' }).getByText('1 ETH').waitFor()
    await page.getByRole('status').getByText('block 1').waitFor()
    expect(sent).toEqual([])
    expectQuiet(page)
  })

  it('notices when it is looked at that another tool took blocks back', async () => {
    const page = await stage.open('/')
    const id = await stage.call('evm_snapshot')
    await stage.call('anvil_mine', '0x7')
    await page.getByRole('status').getByText('block 8').waitFor()
    await stage.call('evm_revert', id)
    await page.evaluate('window.dispatchEvent(new Event("focus"))')
    await page.getByRole('status').getByText('block 1').waitFor()
    expectQuiet(page)
  })

  it('follows a link without loading anew, and goes back', async () => {
    const page = await stage.open('/nowhere')
    await page.getByText('Nothing is here').waitFor()
    await page.evaluate('window.kept = true')
    await page.getByRole('link', { name: 'heddle, to the chain' }).click()
    await page.getByRole('region', { name: 'Newest blocks' }).waitFor()
    expect(await page.title()).toBe('Chain · heddle')
    await page.goBack()
    await page.getByText('Nothing is here').waitFor()
    expect(await page.evaluate('window.kept')).toBe(true)
    expectQuiet(page)
  })

  it('goes through the colours, and remembers them', async () => {
    const page = await stage.open('/', { theme: 'dark' })
    const ground = (): Promise<unknown> =>
      page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
    const dark = await ground()
    await page.getByRole('button', { name: /^Colours: system/ }).click()
    await expect.poll(ground).not.toBe(dark)
    await page.reload()
    await page.getByRole('button', { name: /^Colours: light/ }).click()
    await expect.poll(ground).toBe(dark)
  })

  it.each([
    ['wide, light', { width: 1280, theme: 'light' }],
    ['narrow, dark', { width: 390, theme: 'dark' }],
  ] as const)('is accessible and fits: %s', async (_, options) => {
    const page = await stage.open('/', options)
    await page.getByRole('region', { name: 'Newest blocks' }).waitFor()
    await expectFits(page)
    await expectAccessible(page)
    expectQuiet(page)
  })
})

onStage('a node that goes away', (stage) => {
  it('is missed in words', async () => {
    const page = await stage.open('/')
    await page.getByRole('status').getByText('block 0').waitFor()
    await stage.node.interrupt()
    await page.getByRole('status').getByText('no connection, trying again').waitFor()
  })
})

onStage(
  'a node with --no-ui',
  (stage) => {
    it('has no page', async () => {
      const page = await stage.open('/')
      await page.getByText('a local Ethereum dev chain').waitFor()
    })
  },
  ['--no-ui'],
)
