import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

import { Artefacts } from '../../../src/node/artefacts.ts'
import { temporaryFolder } from '../../support/checkout.ts'
import { profiled, stranger } from './profiled.ts'

it('the log says once which variable transactions of several senders meet on', async () => {
  const notices: string[] = []
  await using chain = await profiled()
  const { node, accounts, deploy, send } = chain
  node.listen((event) => {
    if (event.kind === 'notice') notices.push(event.text)
  })
  const token = await deploy('FeeToken', 'Fee', 'FEE', 10n ** 24n)
  for (const account of accounts.slice(1)) {
    await send(0, token, 'FeeToken', 'transfer', account, 10n ** 20n)
  }
  // One sender's own transactions are no news.
  await node.request({ method: 'evm_mine' })
  await new Promise((done) => setTimeout(done, 100))
  expect(notices).toEqual([])
  for (let from = 1; from < 8; from++) {
    await send(from, token, 'FeeToken', 'transfer', stranger(from), 10n ** 10n)
  }
  await expect.poll(() => notices).toHaveLength(1)
  expect(notices).toEqual([
    'FeeToken.transfer conflicts with 9 of the last 9 transactions on FeeToken.feesCollected (contracts/src/tokens/FeeToken.sol:42)',
  ])
})

it('an artefact that is no JSON is told of once, and left out', async () => {
  const folder = temporaryFolder('broken')
  const told: string[] = []
  const path = join(folder.path, 'out', 'Token.sol', 'Token.json')
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, '{"abi": [')
  using artefacts = new Artefacts(['out'], folder.path, (file) => told.push(file))
  await artefacts.load()
  expect(artefacts.contracts).toEqual([])
  await expect.poll(() => told).toEqual([path])
  folder.remove()
})
