import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  call,
  checkout,
  cloneInto,
  runIn,
  startNode,
  temporaryFolder,
} from '../support/checkout.ts'
import { ensurePeers, peerBinary } from '../support/peers.ts'

const work = temporaryFolder('tarball')
const projects = {
  foundry: join(work.path, 'foundry project'),
  hardhat: join(work.path, 'hardhat-project'),
}
let tarball = ''

beforeAll(async () => {
  const clone = join(work.path, 'clone')
  mkdirSync(clone)
  cloneInto(clone)
  const packed = await runIn(clone, 'npm', ['pack', '--pack-destination', work.path])
  expect(packed.code, packed.stderr).toBe(0)
  tarball = join(work.path, packed.stdout.trim().split('\n').at(-1) ?? '')

  mkdirSync(join(projects.foundry, 'src'), { recursive: true })
  writeFileSync(join(projects.foundry, 'foundry.toml'), '[profile.default]\nsrc = "src"\n')
  mkdirSync(projects.hardhat)
  writeFileSync(join(projects.hardhat, 'package.json'), '{ "private": true, "type": "module" }\n')
  writeFileSync(
    join(projects.hardhat, 'hardhat.config.ts'),
    `export default { solidity: '0.8.28' }\n`,
  )
  await install(projects.foundry, [])
  // As on a machine where nothing native can be built: only prebuilt binaries and fallbacks.
  await install(projects.hardhat, ['--ignore-scripts'])
  await ensurePeers()
}, 600_000)

afterAll(() => work.remove())

async function install(folder: string, flags: readonly string[]): Promise<void> {
  const args = ['install', '--prefix', folder, '--prefer-offline', '--no-audit', '--no-fund']
  const installed = await runIn(folder, 'npm', [...args, ...flags, tarball])
  expect(installed.code, installed.stderr).toBe(0)
}

function withNode(binary: string): NodeJS.ProcessEnv {
  return { ...process.env, PATH: [dirname(binary), process.env['PATH']].join(delimiter) }
}

describe.each(['foundry', 'hardhat'] as const)('npx heddle in a bare %s project', (kind) => {
  const folder = projects[kind]

  it.each([
    ['this Node', () => process.execPath],
    ['Node 22', () => peerBinary('node22')],
    ['Node 24', () => peerBinary('node24')],
  ])('answers on %s, ends at Ctrl-C and leaves nothing behind', async (_, nodeBinary) => {
    const before = readdirSync(folder).toSorted()
    const node = await startNode(folder, 'npx', ['heddle', '--port', '0'], withNode(nodeBinary()))
    try {
      expect(await call(node.url, 'eth_chainId')).toBe('0x7a69')
      expect(await call(node.url, 'eth_blockNumber')).toBe('0x0')
    } finally {
      await node.interrupt()
    }
    expect(readdirSync(folder).toSorted()).toEqual(before)
  })
})

describe('the package', () => {
  const installed = join(projects.foundry, 'node_modules', 'heddle')
  const files = (): string[] =>
    readdirSync(installed, { recursive: true, encoding: 'utf8' }).toSorted()

  it('holds the command, the API, the worker, declarations and licences, and no sources', () => {
    const expected = [
      'LICENSE',
      join('contracts', 'heddle', 'Parallel.sol'),
      join('dist', 'THIRD-PARTY-LICENCES.txt'),
      join('dist', 'cli', 'main.js'),
      join('dist', 'client', 'viem.js'),
      join('dist', 'client', 'vitest.js'),
      join('dist', 'executor', 'lane', 'worker.js'),
      join('dist', 'index.js'),
      join('dist', 'types', 'client', 'viem.d.ts'),
      join('dist', 'ui', 'index.html'),
      join('dist', 'ui', 'index.html.br'),
      join('dist', 'types', 'client', 'vitest.d.ts'),
      join('dist', 'types', 'index.d.ts'),
    ]
    expect(files()).toEqual(expect.arrayContaining(expected))
    expect(files().filter((name) => /^(src|test|scripts)\b|\.map$|stamp/.test(name))).toEqual([])
  })

  it('imports only packages that its manifest has npm install', () => {
    const manifest = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>
      optionalDependencies: Record<string, string>
      peerDependencies: Record<string, string>
    }
    const { dependencies, optionalDependencies, peerDependencies } = manifest
    const known = new Set(
      Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }),
    )
    const strangers = files()
      .filter((name) => name.endsWith('.js'))
      .flatMap((name) => staticImports(readFileSync(join(installed, name), 'utf8')))
      .filter((name) => !known.has(name))
    expect(strangers).toEqual([])
  })

  it('gives a node in process to a project that imports it', async () => {
    const script = [
      `import { createNode } from 'heddle'`,
      `const node = await createNode()`,
      `console.log(await node.request({ method: 'eth_chainId' }))`,
      `await node.close()`,
    ].join('\n')
    const ended = await runIn(projects.hardhat, process.execPath, [
      '--input-type=module',
      '-e',
      script,
    ])
    expect(ended).toMatchObject({ code: 0, stdout: '0x7a69\n' })
  })

  it('carries declarations that a strict project compiles against', async () => {
    const source = `import { createNode } from 'heddle'\nexport const node: object = await createNode()\n`
    writeFileSync(join(projects.foundry, 'use.mts'), source)
    const tsc = join(checkout, 'node_modules', 'typescript', 'bin', 'tsc')
    const flags = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--types',
      '',
    ]
    const ended = await runIn(projects.foundry, process.execPath, [tsc, ...flags, 'use.mts'])
    expect(ended).toMatchObject({ code: 0, stdout: '' })
  })
})

function staticImports(text: string): string[] {
  const found = text.matchAll(/^(?:import|export)\b[^'"\n]*?(?:from\s*)?["']([^'"\n]+)["'];?$/gm)
  return [...found]
    .map(([, name = '']) => name)
    .filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
    .map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    )
    .filter((name) => !builtinModules.includes(name))
}
