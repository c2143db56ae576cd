import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { transform } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { checkout, runIn, temporaryFolder } from '../support/checkout.ts'
import { type SpawnedNode, spawnCommand, spawnNode } from '../support/node.ts'

const folder = temporaryFolder('readme')
const readme = readFileSync(join(checkout, 'README.md'), 'utf8')
const snippets = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code ?? '')

let node: SpawnedNode

beforeAll(async () => {
  const modules = join(folder.path, 'node_modules')
  mkdirSync(modules)
  for (const name of ['viem', 'ethers']) {
    symlinkSync(join(checkout, 'node_modules', name), join(modules, name))
  }
  symlinkSync(checkout, join(modules, 'heddle'))
  node = await spawnNode()
})
afterAll(async () => {
  await node?.[Symbol.asyncDispose]()
  folder.remove()
})

/** Runs what the README shows, on the port of this test's node. */
async function runSnippet(word: string): Promise<string> {
  const found = snippets.filter((code) => code.includes(word))
  expect(found).toHaveLength(1)
  const code = (found[0] ?? '').replaceAll('http()', `http('${node.url}')`)
  const local = code.replaceAll('http://127.0.0.1:8545', node.url)
  const file = join(folder.path, `${word}.mjs`)
  const made = await transform(local, { loader: 'ts', target: 'node20', format: 'esm' })
  writeFileSync(file, made.code)
  const ended = await runIn(folder.path, process.execPath, [file])
  expect(ended, ended.stderr).toMatchObject({ code: 0 })
  return ended.stdout
}

it('shows viem as it works', async () => {
  const printed = await runSnippet('createTestClient')
  expect(printed).toContain("status: 'success'")
  expect(printed).toContain('blockNumber: 1n')
})

it('shows ethers as it works', async () => {
  expect(await runSnippet('JsonRpcProvider')).toBe('')
})

it('shows a node in process as it works', async () => {
  const printed = await runSnippet('createNode')
  expect(printed).toContain('5n')
  expect(printed).toContain('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')
})

it('shows a configuration file as it works', async () => {
  const config = snippets.find((code) => code.includes('defineConfig'))
  writeFileSync(join(folder.path, 'heddle.config.ts'), config ?? '')
  await using running = spawnCommand({ flags: ['doctor'], cwd: folder.path })
  const { stdout } = await running.ended
  expect(stdout).toMatch(/Configuration +heddle\.config\.ts/)
  // Somebody else may have it just now.
  expect(stdout).toMatch(/^Port +(?:port )?9545 /m)
})

it('names flags that there are', async () => {
  await using running = spawnCommand({ flags: ['--help'] })
  const { stdout } = await running.ended
  const settings = readme.slice(readme.indexOf('## Settings'), readme.indexOf('## Cheats'))
  const flags = new Set([...settings.matchAll(/`[^`]*?(--[a-z0-9-]+)`/g)].map(([, flag]) => flag))
  for (const refused of ['--memory-limit', '--help']) flags.delete(refused)
  expect(flags.size).toBeGreaterThan(8)
  for (const flag of flags) expect(stdout).toContain(flag)
})
