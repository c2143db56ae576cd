import { encodeFunctionData } from 'viem'
import { expect, it } from 'vitest'

import { loadArtefact } from '../support/contracts.ts'
import { expectAccessible, expectFits, expectQuiet, onStage } from './browser.ts'
import { ACCOUNTS, HOSTILE, WITH_CONTRACTS, senderOn } from './chain-state.ts'
import { INJECTED_WALLET } from './wallet.ts'

const [ALICE, BOB, CAROL] = ACCOUNTS

onStage(
  'the explorer',
  (stage) => {
    const sender = senderOn(stage)
    let token = ''
    let sent = ''
    let failed = ''

    it('shows the newest transactions with the names of contracts and functions', async () => {
      token = await sender.deploy('ERC20', HOSTILE, 'TOK', 10n ** 20n)
      const page = await stage.open('/')
      sent = await sender.send(ALICE, token, 'ERC20', 'transfer', BOB, 1_000n)
      failed = await sender.send(CAROL, token, 'ERC20', 'transfer', BOB, 50n)
      const rows = page.getByRole('region', { name: 'Newest transactions' })
      await rows.getByRole('link', { name: 'ERC20' }).first().waitFor()
      await rows.getByText('transfer').first().waitFor()
      await rows.getByText('creation').waitFor()
      expectQuiet(page)
    })

    it.each([
      ['a number', () => '2', /^Block 2 /],
      ['a hash', () => sent, /^Transaction 0x/],
      ['an address', () => BOB, /^Address 0x7099/],
      ['a part of a contract’s name', () => 'erc', /^Address /],
    ])('finds by %s', async (_, text, title) => {
      const page = await stage.open('/pool')
      await page.getByRole('heading', { name: 'Pool', exact: true }).waitFor()
      await page.keyboard.press('/')
      await page.keyboard.type(text())
      await page.getByRole('option').first().waitFor()
      await page.keyboard.press('Enter')
      await expect.poll(() => page.title()).toMatch(title)
      expectQuiet(page)
    })

    it('says that nothing is found', async () => {
      const page = await stage.open('/')
      await page.getByRole('combobox').waitFor()
      await page.keyboard.press('Control+k')
      await page.keyboard.type('no such contract')
      await page.getByText('Nothing found').waitFor()
      await page.keyboard.press('Escape')
      await page.getByText('Nothing found').waitFor({ state: 'hidden' })
    })

    it('goes through blocks by keys and links', async () => {
      const page = await stage.open('/block/1')
      await page.getByRole('heading', { name: 'Block 1' }).waitFor()
      await page.getByRole('link', { name: 'Next' }).waitFor()
      await page.keyboard.press('n')
      await page.getByRole('heading', { name: 'Block 2' }).waitFor()
      await page.getByRole('link', { name: 'Previous' }).click()
      await page.getByRole('heading', { name: 'Block 1' }).waitFor()
      await page.keyboard.press('p')
      await page.getByRole('heading', { name: 'Block 0' }).waitFor()
      await page.getByText('The block is empty').waitFor()
      await page.keyboard.press(']')
      await page.keyboard.press(']')
      expect(await page.evaluate('document.activeElement.querySelector("h2").textContent')).toBe(
        'Transactions',
      )
      expectQuiet(page)
    })

    it('shows a transaction’s call, events, changes by variable, and calls', async () => {
      const page = await stage.open(`/tx/${sent}`)
      await page.getByRole('heading', { name: 'ERC20.transfer' }).waitFor()
      await page.getByText('succeeded').waitFor()
      const changes = page.getByRole('region', { name: 'State changes' }).last()
      const row = changes.getByRole('row', { name: /balanceOf\[0x7099…79c8\]/ })
      await row.getByText('+1,000').waitFor()
      await page.getByRole('region', { name: 'Events' }).getByText('Transfer').waitFor()
      const calls = page.getByRole('region', { name: 'Calls' })
      await calls.getByText('transfer', { exact: true }).waitFor()
      await calls.getByText('gives').waitFor()
      expectQuiet(page)
    })

    it('says why a transaction failed, by the error’s name and the line', async () => {
      const page = await stage.open(`/tx/${failed}`)
      const why = page.getByRole('region', { name: 'Why it failed' })
      await why.getByText('InsufficientBalance').waitFor()
      await why
        .getByText(/ERC20Base\.sol:\d+/)
        .first()
        .waitFor()
      expectQuiet(page)
    })

    it('says that a hash, a block or an address is none', async () => {
      const page = await stage.open(`/tx/0x${'ab'.repeat(32)}`)
      await page
        .getByRole('alert')
        .getByText(/could not be found/)
        .waitFor()
      await page.goto(`${stage.node.url}/block/99999`)
      await page.getByRole('alert').waitFor()
      await page.goto(`${stage.node.url}/address/0x12`)
      await page.getByText('is no address').waitFor()
    })

    it('shows storage by variable, at any block', async () => {
      const page = await stage.open(`/address/${token}?tab=storage`)
      const table = page.getByRole('region', { name: 'Storage' })
      await table.getByRole('row', { name: /balanceOf\[0x7099…79c8\] uint256 1,000/ }).waitFor()
      await table.getByRole('row', { name: /totalSupply uint256 100,000,000,000/ }).waitFor()
      await page.getByLabel('At block').fill('1')
      await table.getByRole('row', { name: /7099/ }).waitFor({ state: 'detached' })
      await page.getByLabel('At block').fill('0')
      await page.getByText('Every slot is zero after block 0').waitFor()
      await page.getByLabel('At block').fill('x')
      await page.getByText('At block: expected a number, got x').waitFor()
      expectQuiet(page)
    })

    it('shows a hostile name as text', async () => {
      const page = await stage.open(`/address/${token}?tab=call`)
      await page.getByText(JSON.stringify(HOSTILE)).waitFor()
      expect(await page.evaluate('window.hacked')).toBeUndefined()
      expect(await page.locator('img').count()).toBe(0)
      expectQuiet(page)
    })

    it('reads and writes by the ABI', async () => {
      const page = await stage.open(`/address/${token}?tab=call`)
      const form = (name: string) => page.getByRole('group', { name: new RegExp(`^${name}\\b`) })
      await form('balanceOf').getByLabel('account address').fill(BOB)
      await form('balanceOf').getByRole('button', { name: 'Read' }).click()
      await form('balanceOf').getByRole('status').getByText('1,000').waitFor()
      await form('balanceOf').getByLabel('account address').fill('0x12')
      await form('balanceOf').getByRole('button', { name: 'Read' }).click()
      await form('balanceOf').getByText('account: expected an address').waitFor()

      await form('transfer').getByLabel('to address').fill(CAROL)
      await form('transfer').getByLabel('value uint256').fill('7')
      await form('transfer').getByLabel('From').selectOption({ label: 'account 1 · 0x7099…79c8' })
      await form('transfer').getByRole('button', { name: 'Send' }).click()
      await form('transfer').getByText('succeeded').waitFor()

      await form('transfer').getByLabel('value uint256').fill('999999')
      await form('transfer').getByRole('button', { name: 'Send' }).click()
      await form('transfer')
        .getByText(/reverted: InsufficientBalance|failed/)
        .waitFor()
      expectQuiet(page)
    })

    it('writes a contract by the injected wallet, which may say no', async () => {
      const page = await stage.open(`/address/${token}?tab=call`, { before: INJECTED_WALLET })
      await page.getByRole('button', { name: 'Connect Test Wallet' }).click()
      const holder = (await stage.call<string[]>('eth_accounts'))[5]!
      await sender.send(ALICE, token, 'ERC20', 'transfer', holder, 40n)
      const form = page.getByRole('group', { name: 'transfer', exact: true })
      const outcome = form.getByRole('status')
      await form
        .getByLabel('From')
        .getByText(/^Test Wallet · 0x/)
        .waitFor({ state: 'attached' })
      await form.getByLabel('to address').fill(CAROL)
      await form.getByLabel('value uint256').fill('15')

      await page.evaluate('window.wallet.rejects = true')
      await form.getByRole('button', { name: 'Send' }).click()
      await outcome.getByText('Test Wallet: the request was rejected').waitFor()
      expect(await outcome.getAttribute('data-failed')).toBe('true')
      await page.evaluate('window.wallet.rejects = false')

      await form.getByRole('button', { name: 'Send' }).click()
      await outcome.getByText('succeeded').waitFor()
      const asked = (await page.evaluate('window.wallet.asked')) as readonly {
        readonly method: string
        readonly params: readonly unknown[]
      }[]
      const { abi } = loadArtefact('ERC20')
      const data = encodeFunctionData({ abi, functionName: 'transfer', args: [CAROL, 15n] })
      const ordered = { method: 'eth_sendTransaction', params: [{ from: holder, to: token, data }] }
      // The one that was rejected, and the one that was not.
      expect(asked.filter(({ method }) => method === 'eth_sendTransaction')).toEqual([
        ordered,
        ordered,
      ])
      await outcome.getByRole('link').click()
      await page.getByRole('heading', { name: 'ERC20.transfer' }).waitFor()
      const changes = page.getByRole('region', { name: 'State changes' }).last()
      await changes
        .getByRole('row', { name: new RegExp(`${holder.slice(0, 6)}…`) })
        .getByText('-15')
        .waitFor()

      // What the contract refuses fails when the wallet estimates it: the page says why by the error's name.
      await page.goBack()
      await form.getByLabel('to address').fill(CAROL)
      await form.getByLabel('value uint256').fill('999999')
      await form.getByRole('button', { name: 'Send' }).click()
      await outcome.getByText('reverted: InsufficientBalance').waitFor()
      expectQuiet(page)
    })

    it('gives ether to an account, and shows it', async () => {
      const page = await stage.open(`/address/${CAROL}`)
      await page.getByLabel('Ether').fill('2.5')
      await page.getByRole('button', { name: 'Give ether' }).click()
      await page.getByText('2.5 ETH more').waitFor()
      await page.getByText(/10,002\.\d+ ETH/).waitFor()
      expectQuiet(page)
    })

    it('lists blocks without loading them all', async () => {
      await stage.call('anvil_mine', '0x3e8')
      const page = await stage.open('/blocks')
      await page.getByRole('link', { name: '1,004', exact: true }).waitFor()
      expect(await page.getByRole('row').count()).toBeLessThan(80)
      await page.evaluate('window.scrollTo(0, document.body.scrollHeight)')
      await page.getByRole('link', { name: '0', exact: true }).waitFor()
      expect(await page.getByRole('row').count()).toBeLessThan(80)
      expectQuiet(page)
    })

    it.each([
      ['/blocks', 'Blocks'],
      ['/block/2', 'Block 2'],
      ['/tx/SENT', 'ERC20.transfer'],
      ['/tx/FAILED', 'ERC20.transfer'],
      ['/address/TOKEN?tab=call', 'ERC20'],
      ['/address/TOKEN?tab=storage', 'ERC20'],
    ])('is accessible and fits on a narrow screen: %s', async (path, heading) => {
      const place = path.replace('SENT', sent).replace('FAILED', failed).replace('TOKEN', token)
      const page = await stage.open(place, {
        width: 390,
        theme: path.length % 2 ? 'dark' : 'light',
      })
      await page.getByRole('heading', { level: 1, name: heading }).waitFor()
      await page.locator('.loading').first().waitFor({ state: 'hidden' })
      await expectFits(page)
      await expectAccessible(page)
      expectQuiet(page)
    })
  },
  WITH_CONTRACTS,
)
