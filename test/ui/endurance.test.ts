import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'

import { type SpawnedNode, spawnNode } from '../support/node.ts'
import { expectAccessible, expectFits, expectQuiet, onStage } from './browser.ts'
import { ACCOUNTS, WITH_CONTRACTS, senderOn } from './chain-state.ts'

const [ALICE, BOB] = ACCOUNTS
const MINED = '0x0'.padEnd(66, '0')

interface Frames {
  readonly sent: string[]
  readonly heard: string[]
}

/** What goes over the page's socket from its next opening on. */
function watchFrames(page: Page): Frames {
  const frames: Frames = { sent: [], heard: [] }
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => frames.sent.push(String(payload)))
    socket.on('framereceived', ({ payload }) => frames.heard.push(String(payload)))
  })
  return frames
}

/** Numbers of requests, alone or together, that have no answer yet. */
function unanswered({ sent, heard }: Frames): readonly string[] {
  const answered = new Set(heard.flatMap(numbersIn))
  return sent.flatMap(numbersIn).filter((id) => !answered.has(id))
}

function numbersIn(frame: string): readonly string[] {
  return Array.from(frame.matchAll(/"id":(\d+)/g), ([, id]) => id!)
}

const status = (page: Page, text: string) =>
  page.getByRole('status').getByText(text, { exact: true }).waitFor()

/** A node on a port that stays free when it ends: below those that the system gives away. */
async function spawnOnLastingPort(): Promise<SpawnedNode> {
  let port = 20_000 + (process.pid % 10_000)
  for (let tries = 0; ; tries++, port++) {
    try {
      return await spawnNode({ port })
    } catch (error) {
      if (tries === 20 || !String(error).includes('is in use')) throw error
    }
  }
}

async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${isHidden} })
    Object.defineProperty(document, 'visibilityState', {
      configurable: true,
      get: () => '${isHidden ? 'hidden' : 'visible'}',
    })
    document.dispatchEvent(new Event('visibilitychange'))
  `)
}

onStage(
  'a page that stays open',
  (stage) => {
    const height = async (): Promise<number> => Number(await stage.call<string>('eth_blockNumber'))
    const transfer = { from: ALICE, to: BOB, value: '0x1' }

    it('shows a transaction of the pool, then its block, then that it is gone', async () => {
      const snapshot = await stage.call('evm_snapshot')
      await stage.call('evm_setAutomine', false)
      const hash = await stage.call<string>('eth_sendTransaction', transfer)
      const page = await stage.open(`/tx/${hash}`)
      await page.getByText('in the pool').first().waitFor()
      await stage.call('anvil_mine', '0x1')
      await page.getByText('succeeded').waitFor()
      await stage.call('evm_revert', snapshot)
      await stage.call('anvil_mine', '0x2')
      await page
        .getByRole('alert')
        .getByText(/could not be found/)
        .waitFor()
      expect(await page.getByText('succeeded').count()).toBe(0)
      await stage.call('evm_setAutomine', true)
    })

    it('shows another block at a number when blocks were taken back', async () => {
      await stage.call('anvil_mine', '0x1')
      const snapshot = await stage.call('evm_snapshot')
      await stage.call('eth_sendTransaction', transfer)
      const number = await height()
      const page = await stage.open(`/block/${number}`)
      await page.getByRole('region', { name: `Transactions of block ${number}` }).waitFor()
      await stage.call('evm_revert', snapshot)
      await stage.call('anvil_mine', '0x1')
      await page.getByText('The block is empty.').waitFor()
      expectQuiet(page)
    })

    it('asks for nothing while nobody looks, and catches up', async () => {
      const page = await stage.open('/nowhere')
      const frames = watchFrames(page)
      await page.goto(`${stage.node.url}/`)
      const before = await height()
      await status(page, `block ${before}`)
      // What it shows at first is there, and nothing is on its way.
      const rows = page.getByRole('region', { name: 'Newest blocks' }).getByRole('row')
      await rows.nth(Math.min(before, 12)).waitFor()
      await expect.poll(() => unanswered(frames)).toEqual([])
      await setHidden(page, true)
      await expect.poll(() => frames.sent.some((it) => it.includes('eth_unsubscribe'))).toBe(true)
      await expect.poll(() => frames.heard.some((it) => it.includes('"result":true'))).toBe(true)
      const [sent, heard] = [frames.sent.length, frames.heard.length]
      await stage.call('anvil_mine', '0x5')
      await stage.call('eth_sendTransaction', transfer)
      // A call of the node's own is answered after what it had to say to others.
      await stage.call('eth_blockNumber')
      const asked = frames.sent.slice(sent).filter((it) => it.includes('eth_getBlockByNumber'))
      const told = frames.heard.slice(heard).filter((it) => it.includes('eth_subscription'))
      expect([asked, told]).toEqual([[], []])
      await setHidden(page, false)
      await status(page, `block ${before + 6}`)
      await stage.call('anvil_mine', '0x1')
      await status(page, `block ${before + 7}`)
      expectQuiet(page)
    })

    it('asks together for what it shows of new blocks', async () => {
      await stage.call('anvil_mine', '0x14')
      const page = await stage.open('/nowhere')
      const frames = watchFrames(page)
      await page.goto(`${stage.node.url}/`)
      await page.getByRole('region', { name: 'Newest blocks' }).getByRole('row').nth(12).waitFor()
      const asked = frames.sent.filter((it) => it.includes('eth_getBlockByNumber'))
      expect(asked.join().split('eth_getBlockByNumber').length).toBeGreaterThan(12)
      expect(asked.length).toBeLessThan(4)
      expectQuiet(page)
    })

    it('finds the node again after a new start, on another chain', async () => {
      const first = await spawnOnLastingPort()
      const page = await stage.open('/nowhere')
      await page.goto(`${first.url}/block/3`)
      await page.getByRole('alert').waitFor()
      await fetch(first.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'anvil_mine', params: ['0x3'] }),
      })
      await status(page, 'block 3')
      await first[Symbol.asyncDispose]()
      await status(page, 'no connection, trying again')
      await using second = await spawnNode({ port: first.port })
      await status(page, 'block 0')
      expect(second.port).toBe(first.port)
    })

    it('shows a hundred thousand bytes of input, and a name of thousands of letters', async () => {
      const sender = senderOn(stage)
      await stage.call('evm_setBlockGasLimit', '0x3b9aca00')
      const hash = await stage.call<string>('eth_sendTransaction', {
        ...transfer,
        gas: '0xf42400',
        input: `0x${'a5'.repeat(100_000)}`,
      })
      const page = await stage.open(`/tx/${hash}`, { width: 390 })
      await page.getByText('100,000 bytes').first().waitFor()
      await expectFits(page)
      const token = await sender.deploy('ERC20', 'W'.repeat(4000), 'LONG', 1_000n)
      await page.goto(`${stage.node.url}/address/${token}?tab=call`)
      await page.getByText(/WWWW/).first().waitFor()
      await expectFits(page)
      await expectAccessible(page)
      expectQuiet(page)
    })

    it.each([
      ['/tx/0x12', /is no transaction hash/],
      [`/tx/${MINED}`, /could not be found/],
      ['/block/0xzz', /is no block number/],
      [`/block/${MINED}`, /could not be found|not found/],
      ['/address/%3Cimg%20src=x%20onerror=alert(1)%3E', /is no address/],
      ['/parallel?block=999999', /not found/],
      ['/compare?last=-3', /expected something like/],
    ])('says what is wrong with %s', async (path, words) => {
      const page = await stage.open(path)
      await page.getByText(words).first().waitFor()
      expect(await page.locator('main img').count()).toBe(0)
      await expectAccessible(page)
    })

    it('counts in the list of blocks what failed', async () => {
      const sender = senderOn(stage)
      const token = await sender.deploy('ERC20', 'Coin', 'C', 1_000n)
      await sender.send(BOB, token, 'ERC20', 'transfer', ALICE, 5n).catch(() => undefined)
      const number = await height()
      const page = await stage.open('/blocks')
      const link = page.getByRole('link', { name: `${number}`, exact: true })
      const row = page.getByRole('row').filter({ has: link })
      await row.getByText('1 failed').waitFor()
      const block = await stage.call<{ gasUsed: string }>('eth_getBlockByNumber', 'latest', false)
      await row.getByText(Number(block.gasUsed).toLocaleString('en'), { exact: true }).waitFor()
      expectQuiet(page)
    })
  },
  WITH_CONTRACTS,
)
