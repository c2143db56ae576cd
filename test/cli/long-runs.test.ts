import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { type Running, ask, start } from './start.ts'

const LOOP = '0x5b5f56'
const TARGET = `0x${'7a'.repeat(20)}`
let folder: string
let running: Running
let port: number

/** One that knows a contract: what fails in it runs again, observed, so that the log can say why. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-long-'))
  const object = { object: LOOP, linkReferences: {}, immutableReferences: {} }
  const artefact = { abi: [], bytecode: { ...object, object: '0x00' }, deployedBytecode: object }
  await mkdir(join(folder, 'out', 'Loop.sol'), { recursive: true })
  await writeFile(join(folder, 'out', 'Loop.sol', 'Loop.json'), JSON.stringify(artefact))
  running = start(['--port', '0', '--hardfork', 'prague'], { cwd: folder })
  port = Number((await running.printed(/Listening on 127\.0\.0\.1:(\d+)\n/))[1])
})
afterAll(async () => {
  await running[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** What was printed since `begin`, once that has `last`: the requests that were answered, and `last`, in their order. */
async function orderSince(begin: number, last: RegExp): Promise<string[]> {
  const found = (): string[] => {
    const lines = running.stdout().slice(begin).split('\n')
    return lines.filter((line) => last.test(line) || line.startsWith('eth_blockNumber'))
  }
  while (!found().some((line) => last.test(line))) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return found().map((line) => (last.test(line) ? 'last' : 'other'))
}

// What is seen of the state is a million places by the time it is given up.
it.each([
  ['slots', '0x5f5b600101805450600156'],
  ['accounts', '0x5f5b600101803150600156'],
])(
  'a call without end that sees %s is given up, and others are answered meanwhile',
  async (_, code) => {
    const begin = running.stdout().length
    const endless = ask(port, 'eth_call', [
      { to: TARGET, gas: '0x4000000000000' },
      'latest',
      { [TARGET]: { code } },
    ])
    const refused = expect(endless).rejects.toThrow('execution aborted (timeout = 5s)')
    for (let i = 0; i < 5; i++) await ask(port, 'eth_blockNumber')
    await refused
    const order = await orderSince(begin, /^eth_call .*aborted/)
    expect(order).toEqual(['other', 'other', 'other', 'other', 'other', 'last'])
  },
)

it('why a block of 30 million gas failed is found out while others are answered', async () => {
  await ask(port, 'anvil_setCode', [TARGET, LOOP])
  const [from] = (await ask(port, 'eth_accounts')) as string[]
  await running.printed(/eth_accounts/)
  const begin = running.stdout().length
  await ask(port, 'eth_sendTransaction', [{ from, to: TARGET, gas: '0x1c9c380' }])
  for (let i = 0; i < 2; i++) await ask(port, 'eth_blockNumber')
  expect(await orderSince(begin, /Error: +out of gas/)).toEqual(['other', 'other', 'last'])
})
