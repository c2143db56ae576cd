import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'

import { expectAccessible, expectFits, expectQuiet, onStage } from './browser.ts'
import { ACCOUNTS, WITH_CONTRACTS, senderOn } from './chain-state.ts'
import { INJECTED_WALLET } from './wallet.ts'

const [ALICE, BOB] = ACCOUNTS
const NARROW = { width: 390, height: 844, theme: 'dark' } as const

/** Names and roles are there, and nothing is cut off. */
async function expectUsable(page: Page): Promise<void> {
  await expectFits(page)
  await expectAccessible(page)
}

onStage(
  'states of the page that are not its first',
  (stage) => {
    const sender = senderOn(stage)
    const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true })

    it('are accessible: a connected wallet, on this chain and on another, that says no', async () => {
      const token = await sender.deploy('ERC20', 'Coin', 'C', 1_000n)
      const page = await stage.open(`/address/${token}?tab=call`, {
        ...NARROW,
        before: INJECTED_WALLET,
      })
      await expectUsable(page)
      await page.getByRole('button', { name: 'Connect Test Wallet' }).click()
      const form = page.getByRole('group', { name: 'approve', exact: true })
      await form
        .getByLabel('From')
        .getByText(/^Test Wallet/)
        .waitFor({ state: 'attached' })
      await expectUsable(page)
      await form.getByLabel('spender address').fill(BOB)
      await form.getByLabel('value uint256').fill('1')
      await page.evaluate('window.wallet.rejects = true')
      await form.getByRole('button', { name: 'Send' }).click()
      await form.getByText('Test Wallet: the request was rejected').waitFor()
      await page.evaluate("window.wallet.tell('chainChanged', '0x1')")
      const back = page.getByRole('button', { name: 'Other chain: bring Test Wallet back' })
      await back.click()
      await page.getByRole('alert').getByText('Test Wallet: the request was rejected').waitFor()
      await expectUsable(page)
    })

    it('are accessible: what was found, and that nothing was', async () => {
      const page = await stage.open('/', NARROW)
      await page.getByRole('combobox').fill('erc')
      await page.getByRole('option').first().waitFor()
      await expectUsable(page)
      await page.getByRole('combobox').fill('no such contract')
      await page.getByText('Nothing found').waitFor()
      await expectUsable(page)
    })

    it('are accessible: forms that were refused, and a full pool', async () => {
      const page = await stage.open('/controls', NARROW)
      await panel(page, 'Mining').getByLabel('Blocks').fill('many')
      await panel(page, 'Mining').getByRole('button', { name: 'Mine', exact: true }).click()
      await panel(page, 'Mining').getByText('expected a whole number').waitFor()
      await expectUsable(page)
      await stage.call('evm_setAutomine', false)
      await stage.call('eth_sendTransaction', { from: ALICE, to: BOB, value: '0x1' })
      await page.goto(`${stage.node.url}/pool`)
      await page.getByText('ready').waitFor()
      await expectUsable(page)
      await stage.call('anvil_mine', '0x1')
      await stage.call('evm_setAutomine', true)
      await page.getByText('The pool is empty').waitFor()
    })

    it('go by keys: panels both ways, and not while something is typed', async () => {
      const page = await stage.open('/block/1')
      await page.getByRole('heading', { name: 'Block 1' }).waitFor()
      const focused = () => page.evaluate('document.activeElement.querySelector("h2")?.textContent')
      await page.keyboard.press('[')
      const last = await focused()
      await page.keyboard.press('[')
      expect([last, await focused()]).toEqual(['Transactions', 'Header'])
      await page.keyboard.press(']')
      expect(await focused()).toBe('Transactions')
      await page.keyboard.press('/')
      await page.keyboard.type('np[]')
      expect(await page.getByRole('combobox').inputValue()).toBe('np[]')
      expect(new URL(page.url()).pathname).toBe('/block/1')
      await page.keyboard.press('Escape')
      await page.getByRole('link', { name: 'Previous' }).waitFor()
      await page.keyboard.press('p')
      await page.getByRole('heading', { name: 'Block 0' }).waitFor()
      expectQuiet(page)
    })

    it('are accessible: the node is away', async () => {
      const page = await stage.open('/accounts', NARROW)
      await panel(page, 'Faucet').waitFor()
      await stage.node.interrupt()
      await page.getByRole('status').getByText('no connection, trying again').waitFor()
      await expectUsable(page)
    })
  },
  WITH_CONTRACTS,
)
