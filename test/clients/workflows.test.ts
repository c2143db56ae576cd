import { execFile } from 'node:child_process'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { encodeDeployData, encodeFunctionData } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, checkout, temporaryFolder } from '../support/checkout.ts'
import { loadArtefact } from '../support/contracts.ts'
import { type SpawnedNode, spawnCommand, spawnNode } from '../support/node.ts'

/** What the README shows of the profiler is run as it stands there, and must print what stands there. */

const run = promisify(execFile)
const readme = readFileSync(join(checkout, 'README.md'), 'utf8')
const profiling = readme.slice(readme.indexOf('## Profiling'), readme.indexOf('## The log'))
const blocksOf = (language: string): string[] =>
  [...profiling.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, text]) => text ?? '',
  )

const folder = temporaryFolder('workflows')
let node: SpawnedNode

/** A token goes from one account to nine, and eight of these send on to others: each in a block of its own. */
async function useToken(url: string): Promise<void> {
  const accounts = (await call(url, 'eth_accounts')) as readonly string[]
  const { abi, bytecode } = loadArtefact('FeeToken')
  const args = ['Fee', 'FEE', 10n ** 24n]
  const data = encodeDeployData({ abi, bytecode: bytecode.object, args })
  const hash = await call(url, 'eth_sendTransaction', [{ from: accounts[0], data }])
  const receipt = await call(url, 'eth_getTransactionReceipt', [hash])
  const { contractAddress: to } = receipt as { readonly contractAddress: string }
  const send = async (from: number, receiver: string, amount: bigint): Promise<void> => {
    const transfer = { abi, functionName: 'transfer', args: [receiver, amount] }
    const fields = { from: accounts[from], to, data: encodeFunctionData(transfer as never) }
    await call(url, 'eth_sendTransaction', [fields])
  }
  for (const account of accounts.slice(1)) await send(0, account, 10n ** 20n)
  for (let from = 1; from <= 8; from++) await send(from, `0x${`0${from}`.repeat(20)}`, 10n ** 10n)
}

beforeAll(async () => {
  loadArtefact('FeeToken')
  symlinkSync(join(checkout, 'out'), join(folder.path, 'out'))
  symlinkSync(join(checkout, 'contracts'), join(folder.path, 'contracts'))
  const [scenario, transaction] = blocksOf('json')
  writeFileSync(join(folder.path, 'fees.json'), scenario!)
  writeFileSync(join(folder.path, 'call.json'), transaction!)
  node = await spawnNode({ cwd: folder.path })
  await useToken(node.url)
})
afterAll(async () => {
  await node?.[Symbol.asyncDispose]()
  folder.remove()
})

/** Runs a line of a transcript; heddle's own are the built command. @returns what it printed */
async function runLine(line: string): Promise<string> {
  const [program, ...words] = line.split(' ')
  if (program !== 'heddle') {
    const { stdout } = await run(program!, words, { cwd: folder.path })
    return stdout
  }
  const isOwn = words[0] === 'check'
  const flags = isOwn ? words : [...words, '--rpc-url', node.url]
  await using running = spawnCommand({ flags, cwd: folder.path })
  const { stdout, stderr } = await running.ended
  return stdout + stderr
}

describe.each(blocksOf('console').map((text, at) => ({ text, at: at + 1 })))(
  'the transcript number $at',
  ({ text }) => {
    it('is what the commands print', async () => {
      const lines = text.split('\n').filter((line) => line.startsWith('$ '))
      let printed = ''
      for (const line of lines) printed += `${line}\n${await runLine(line.slice(2))}`
      expect(printed).toBe(text)
    })
  },
)

it('there are transcripts of three workflows', () => {
  expect(blocksOf('console').length).toBe(3)
})
