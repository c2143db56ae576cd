import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Level } from 'level'
import { http } from 'viem'
import { afterAll, expect, it } from 'vitest'
import { bob, clientsOver, deployToken } from '../clients/viem-clients.ts'
import { temporaryFolder } from '../support/checkout.ts'
import { spawnCommand, spawnNode } from '../support/node.ts'

const folder = temporaryFolder('db')
afterAll(() => folder.remove())

async function run(...flags: readonly string[]) {
  await using command = spawnCommand({ cwd: folder.path, flags })
  const { code, stdout, stderr } = await command.ended
  return { code, stderr, report: stdout === '' ? undefined : (JSON.parse(stdout) as unknown) }
}

it('says what is in a folder, finds it whole, and makes it smaller', async () => {
  const node = await spawnNode({ cwd: folder.path, flags: ['--data-dir', 'chain'] })
  const clients = clientsOver(http(node.url))
  const { address, abi } = await deployToken(clients)
  for (let nonce = 1; nonce <= 5; nonce++) {
    const args = [bob.address, 1n]
    await clients.wallet.writeContract({ address, abi, functionName: 'transfer', args })
  }
  const head = await clients.reader.getBlock()
  for (const action of ['stats', 'compact']) {
    expect(await run('db', action, 'chain')).toMatchObject({
      code: 2,
      stderr: 'heddle db: the data folder chain is in use by another process\n',
    })
  }
  await node.interrupt()

  const counts = { blocks: 7, first: 0, head: 6, headHash: head.hash, transactions: 6, logs: 6 }
  for (const action of ['stats', 'verify']) {
    const { code, stderr, report } = await run('db', action, 'chain')
    expect({ code, stderr, report }).toMatchObject({ code: 0, stderr: '', report: counts })
    expect(report).toMatchObject({ stateRoot: head.stateRoot, isChanged: false })
  }
  const { report: said } = await run('db', 'stats', 'chain')
  const { state } = said as { readonly state: Readonly<Record<string, number>> }
  expect(state).toMatchObject({ measured: true, blocks: 7, nodesRead: 0, recordsDeleted: 0 })
  expect(state['valuesChanged']).toBeGreaterThan(6)
  expect(state['writeAmplification']).toBeGreaterThan(1)
  expect(await run('db', 'compact', 'chain')).toMatchObject({ code: 0, stderr: '' })
  expect(await run('db', 'verify', 'chain')).toMatchObject({ code: 0, report: counts })

  await using again = await spawnNode({ cwd: folder.path, flags: ['--data-dir', 'chain'] })
  expect(await clientsOver(http(again.url)).reader.getBlock()).toEqual(head)
})

it('prunes old states, and the chain goes on', async () => {
  const flags = ['--data-dir', 'long']
  const node = await spawnNode({ cwd: folder.path, flags })
  const { reader, wallet } = clientsOver(http(node.url))
  for (let nonce = 0; nonce < 60; nonce++) {
    await wallet.sendTransaction({ to: bob.address, value: 1n, nonce })
  }
  const head = await reader.getBlock()
  await node.interrupt()
  expect(await run('prune', 'long', '--history', '8')).toMatchObject({ code: 0, stderr: '' })
  expect(await run('db', 'verify', 'long')).toMatchObject({
    code: 0,
    report: { head: Number(head.number), headHash: head.hash, transactions: 60 },
  })
  await using again = await spawnNode({ cwd: folder.path, flags })
  const there = clientsOver(http(again.url))
  expect(await there.reader.getBlock()).toEqual(head)
  const address = bob.address
  const held = await there.reader.getBalance({ address })
  expect(await there.reader.getBalance({ address, blockNumber: head.number - 4n })).toBe(held - 4n)
  await expect(there.reader.getBalance({ address, blockNumber: 5n })).rejects.toThrow(
    /state not available/,
  )
  expect(
    await there.reader.getTransactionReceipt({
      hash: (await there.reader.getBlock({ blockNumber: 5n })).transactions[0]!,
    }),
  ).toMatchObject({ status: 'success' })
  await there.wallet.sendTransaction({ to: bob.address, value: 1n })
  expect(await there.reader.getBalance({ address })).toBe(held + 1n)
  expect((await run('prune', 'long')).stderr).toMatch(/--history is missing/)
})

it('names what it was given that is no folder of ours', async () => {
  mkdirSync(join(folder.path, 'empty'))
  expect(await run('db', 'verify', 'empty')).toMatchObject({
    code: 2,
    stderr: 'heddle db: empty is no data folder\n',
  })
  const foreign = new Level(join(folder.path, 'foreign'))
  await foreign.put('a', 'b')
  await foreign.close()
  const said = "the data folder foreign holds another program's database\n"
  expect((await run('db', 'compact', 'foreign')).stderr).toBe(`heddle db: ${said}`)
  expect((await run('--port', '0', '--data-dir', 'foreign')).stderr).toBe(`heddle: ${said}`)
  expect((await run('db', 'verfy', 'chain')).stderr).toMatch(
    /expected stats, verify, compact, got verfy/,
  )
  expect((await run('db', 'stats')).stderr).toMatch(/no folder named/)
})
