import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'

import { expectAccessible, expectFits, expectQuiet, onStage } from './browser.ts'
import { ACCOUNTS } from './chain-state.ts'
import { INJECTED_WALLET } from './wallet.ts'

const [ALICE, BOB] = ACCOUNTS
const NOBODY = `0x${'ab'.repeat(20)}`

interface Asked {
  readonly method: string
  readonly params: readonly Record<string, unknown>[]
}

onStage('buttons', (stage) => {
  const height = async (): Promise<number> => Number(await stage.call<string>('eth_blockNumber'))
  const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
  const press = (page: Page, name: string, button: string): Promise<void> =>
    panel(page, name).getByRole('button', { name: button, exact: true }).click()

  it('mine blocks, set time ahead, and refuse what is no number', async () => {
    const page = await stage.open('/controls')
    const before = await height()
    await panel(page, 'Mining').getByLabel('Blocks').fill('3')
    await press(page, 'Mining', 'Mine')
    await panel(page, 'Mining').getByText('3 mined').waitFor()
    expect(await height()).toBe(before + 3)

    await panel(page, 'Time').getByLabel('Time').fill('2040-01-01')
    await press(page, 'Time', 'Set and mine')
    await panel(page, 'Time').getByRole('status').getByText('2040-01-01 00:00:00 UTC').waitFor()
    await press(page, 'Time', 'Go ahead and mine')
    await panel(page, 'Time').getByText('3600 s ahead').waitFor()
    const { timestamp } = await stage.call<{ timestamp: string }>(
      'eth_getBlockByNumber',
      'latest',
      false,
    )
    expect(Number(timestamp)).toBeGreaterThanOrEqual(Date.UTC(2040, 0, 1, 1) / 1000)

    await panel(page, 'Mining').getByLabel('Blocks').fill('many')
    await press(page, 'Mining', 'Mine')
    await panel(page, 'Mining').getByText('Blocks: expected a whole number, got many').waitFor()
    expectQuiet(page)
  })

  it('take snapshots and go back to them', async () => {
    const page = await stage.open('/controls')
    const before = await height()
    await press(page, 'Snapshots', 'Take a snapshot')
    await panel(page, 'Snapshots')
      .getByText(/at block/)
      .waitFor()
    await stage.call('anvil_mine', '0x5')
    await page
      .getByRole('status')
      .getByText(`block ${before + 5}`)
      .waitFor()
    await press(page, 'Snapshots', 'Go back')
    await panel(page, 'Snapshots')
      .getByText(/at block/)
      .waitFor({ state: 'detached' })
    expect(await height()).toBe(before)
    await page.getByRole('status').getByText(`block ${before}`, { exact: true }).waitFor()
    expectQuiet(page)
  })

  it('set how blocks come about; the pool fills, is mined and dropped', async () => {
    const page = await stage.open('/controls')
    await press(page, 'Mining', 'On demand')
    await panel(page, 'Mining').getByText('on demand only').waitFor()
    await page.getByRole('link', { name: 'Pool' }).click()
    await page.getByText('The pool is empty').waitFor()
    const transfer = { from: ALICE, to: BOB, value: '0x1' }
    await stage.call('eth_sendTransaction', transfer)
    await page.getByText('ready').waitFor()
    await page.getByRole('button', { name: 'Mine a block' }).click()
    await page.getByText('The pool is empty').waitFor()
    await stage.call('eth_sendTransaction', transfer)
    await page.getByRole('button', { name: 'Drop', exact: true }).click()
    await page.getByText('The pool is empty').waitFor()
    await page.getByRole('link', { name: 'Controls' }).click()
    await press(page, 'Mining', 'For each transaction')
    await panel(page, 'Mining').getByText('a block for each transaction').waitFor()
    expectQuiet(page)
  })

  it('impersonate, and send as somebody', async () => {
    const page = await stage.open('/controls')
    await panel(page, 'Impersonation').getByLabel('Address').first().fill(NOBODY)
    await press(page, 'Impersonation', 'Impersonate')
    await panel(page, 'Impersonation').getByText('The node sends from').waitFor()
    await page.getByRole('link', { name: 'Accounts' }).click()
    await panel(page, 'Faucet').getByLabel('To').fill(NOBODY)
    await press(page, 'Faucet', 'Give ether')
    await panel(page, 'Faucet').getByText('100 ETH more').waitFor()
    await stage.call('eth_sendTransaction', { from: NOBODY, to: BOB, value: '0x1' })

    await panel(page, 'Send ether').getByLabel('To').fill(BOB)
    await panel(page, 'Send ether').getByLabel('Ether').fill('1.25')
    await press(page, 'Send ether', 'Send')
    await panel(page, 'Send ether').getByText('succeeded').waitFor()
    await panel(page, 'Send ether').getByLabel('Ether').fill('lots')
    await press(page, 'Send ether', 'Send')
    await panel(page, 'Send ether').getByText('Ether: expected ether such as 1.5').waitFor()
    expectQuiet(page)
  })

  it('connect a wallet, which learns of the chain, signs, and may say no', async () => {
    const page = await stage.open('/accounts', { before: INJECTED_WALLET })
    await page.evaluate('window.wallet.rejects = true')
    await page.getByRole('button', { name: 'Connect Test Wallet' }).click()
    await page.getByText('Test Wallet: the request was rejected').waitFor()
    await page.evaluate('window.wallet.rejects = false')
    await page.getByRole('button', { name: 'Connect Test Wallet' }).click()
    await page
      .getByText(/Test Wallet · 0x/)
      .first()
      .waitFor()
    const asked = (await page.evaluate('window.wallet.asked')) as readonly Asked[]
    const added = asked.find(({ method }) => method === 'wallet_addEthereumChain')
    expect(added?.params[0]).toEqual({
      chainId: '0x7a69',
      chainName: 'heddle 31337',
      nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
      rpcUrls: [stage.node.url],
    })
    await panel(page, 'Send ether').getByLabel('To').fill(BOB)
    await press(page, 'Send ether', 'Send')
    await panel(page, 'Send ether').getByText('succeeded').waitFor()
    const sent = (await page.evaluate('window.wallet.asked')) as readonly Asked[]
    expect(sent.at(-1)).toMatchObject({
      method: 'eth_sendTransaction',
      params: [{ to: BOB, value: '0xde0b6b3a7640000' }],
    })
    expectQuiet(page)
  })

  it('follow a wallet whose user changes the account or the chain, or leaves', async () => {
    const page = await stage.open('/accounts', { before: INJECTED_WALLET })
    const connect = page.getByRole('button', { name: 'Connect Test Wallet' })
    const methods = async (): Promise<readonly string[]> =>
      ((await page.evaluate('window.wallet.asked')) as readonly Asked[]).map(({ method }) => method)
    await connect.click()
    await page
      .getByText(/^Test Wallet · 0x/)
      .first()
      .waitFor()
    // It knew the chain by then and had to be moved as well.
    expect((await methods()).filter((it) => it !== 'eth_chainId')).toEqual([
      'eth_requestAccounts',
      'wallet_switchEthereumChain',
      'wallet_addEthereumChain',
      'wallet_switchEthereumChain',
    ])
    await page.evaluate(`window.wallet.tell('accountsChanged', ['${BOB}'])`)
    await page.getByText('Test Wallet · 0x7099…79c8').first().waitFor()

    await page.evaluate("window.wallet.tell('chainChanged', '0x1')")
    const back = page.getByRole('button', { name: 'Other chain: bring Test Wallet back' })
    await back.waitFor()
    await page.evaluate('window.wallet.rejects = true')
    await back.click()
    await page.getByRole('alert').getByText('Test Wallet: the request was rejected').waitFor()
    // What is sent goes to this chain or nowhere.
    await panel(page, 'Send ether').getByLabel('To').fill(BOB)
    await press(page, 'Send ether', 'Send')
    await panel(page, 'Send ether').getByText('Test Wallet: the request was rejected').waitFor()
    expect(await methods()).not.toContain('eth_sendTransaction')
    await page.evaluate('window.wallet.rejects = false')
    await back.click()
    await back.waitFor({ state: 'detached' })

    await page.evaluate("window.wallet.tell('accountsChanged', [])")
    await connect.waitFor()
    await connect.click()
    await page
      .getByText(/^Test Wallet · 0x/)
      .first()
      .waitFor()
    await page.evaluate("window.wallet.tell('disconnect', { code: 4900 })")
    await connect.waitFor()
    expectQuiet(page)
  })

  it('takes a wallet from before EIP-6963', async () => {
    const before = `window.ethereum = { request: ({ method }) => Promise.resolve(
      method === 'eth_requestAccounts' ? ['${BOB}'] : method === 'eth_chainId' ? '0x7a69' : null) }`
    const page = await stage.open('/accounts', { before })
    await page.getByRole('button', { name: 'Connect Browser wallet' }).click()
    await page.getByText('Browser wallet · 0x7099…79c8').first().waitFor()
    expectQuiet(page)
  })

  it.each(['/accounts', '/pool', '/controls'])('are accessible and fit: %s', async (path) => {
    const page = await stage.open(path, { width: 390, theme: 'dark' })
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.locator('.loading').first().waitFor({ state: 'hidden' })
    await expectFits(page)
    await expectAccessible(page)
    expectQuiet(page)
  })
})
