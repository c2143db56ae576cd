import { execFile } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, checkout, runIn, startNode, temporaryFolder } from '../support/checkout.ts'
import { buildContracts } from '../support/contracts.ts'
import type { Artefact } from '../support/contracts.ts'
import { ensurePeers, peerBinary } from '../support/peers.ts'

const run = promisify(execFile)
const folder = temporaryFolder('forge')
const out = join(folder.path, 'out')

// Its own output, so that other tests keep theirs; a dead proxy, so that the net cannot be used.
const env = {
  ...process.env,
  FOUNDRY_OUT: out,
  FOUNDRY_CACHE_PATH: join(folder.path, 'cache'),
  FOUNDRY_BROADCAST: join(folder.path, 'broadcast'),
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  NO_PROXY: '127.0.0.1',
}

async function forge(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(peerBinary('forge'), args, {
    cwd: checkout,
    env,
    timeout: 400_000,
    maxBuffer: 1 << 26,
  })
  return stdout
}

type ForgeTests = Record<string, { test_results: Record<string, { status: string }> }>
type Broadcast = { receipts: { status: string }[] }

function readArtefact(base: string, path: string): Artefact {
  return JSON.parse(readFileSync(join(base, path), 'utf8')) as Artefact
}

/** The artefacts of what lies in contracts/src, as paths inside `out`. */
function artefactPaths(): string[] {
  const sources = readdirSync(join(checkout, 'contracts', 'src'), { recursive: true })
  const folders = sources
    .map((path) => basename(String(path)))
    .filter((name) => name.endsWith('.sol'))
  return folders.flatMap((name) => readdirSync(join(out, name)).map((file) => join(name, file)))
}

/** The layout without the compiler's node numbers, which depend on what else was compiled. */
function layoutOf({ storageLayout }: Artefact): unknown {
  const text = JSON.stringify(storageLayout.storage, (key, value: unknown) =>
    key === 'astId' ? undefined : value,
  )
  return JSON.parse(text.replaceAll(/\)\d+_/g, ')_'))
}

describe('the contracts, built by forge with the npm compiler', { timeout: 480_000 }, () => {
  beforeAll(async () => {
    await ensurePeers()
    await forge('build')
  }, 600_000)

  afterAll(() => folder.remove())

  it('give the same code and the same storage as by npm', () => {
    buildContracts()
    const paths = artefactPaths()
    expect(paths.length).toBeGreaterThanOrEqual(28)
    for (const path of paths) {
      const forged = readArtefact(out, path)
      const built = readArtefact(join(checkout, 'out'), path)
      expect(built.bytecode.object, path).toBe(forged.bytecode.object)
      expect(built.deployedBytecode.object, path).toBe(forged.deployedBytecode.object)
      expect(built.methodIdentifiers, path).toEqual(forged.methodIdentifiers)
      expect(layoutOf(built), path).toEqual(layoutOf(forged))
      expect(Object.keys(built), path).toEqual(Object.keys(forged))
    }
  })

  it('pass their tests', async () => {
    const suites = JSON.parse(await forge('test', '--json')) as ForgeTests
    const results = Object.values(suites).flatMap((suite) => Object.entries(suite.test_results))
    expect(results.filter(([, { status }]) => status !== 'Success')).toEqual([])
    expect(results.length).toBeGreaterThanOrEqual(80)
  })

  it('are formatted', async () => {
    expect(await forge('fmt', '--check')).toBe('')
  })

  it('deploy by script on Anvil, with a key and with an unlocked account', async () => {
    const anvil = await startNode(checkout, peerBinary('anvil'), ['--port', '0'])
    const key = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'
    const sender = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
    const script = [
      'script',
      'contracts/script/Deploy.s.sol',
      '--broadcast',
      '--rpc-url',
      anvil.url,
    ]
    try {
      for (const who of [
        ['--private-key', key],
        ['--unlocked', '--slow', '--sender', sender],
      ]) {
        await forge(...script, ...who)
        const file = join(folder.path, 'broadcast', 'Deploy.s.sol', '31337', 'run-latest.json')
        const { receipts } = JSON.parse(readFileSync(file, 'utf8')) as Broadcast
        expect(receipts.map(({ status }) => status)).toEqual(Array(9).fill('0x1'))
      }
      expect(await call(anvil.url, 'eth_getTransactionCount', [sender, 'latest'])).toBe('0x9')
    } finally {
      await anvil.interrupt()
    }
  })
})

describe('the compiler that forge calls', () => {
  const program = join(checkout, 'scripts', 'solc')

  it('says its version', async () => {
    const { stdout, code } = await runIn(checkout, program, ['--version'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Version: 0\.8\.37\+commit\.[0-9a-f]{8}\./m)
  })

  it('refuses what it does not do', async () => {
    const { stderr, code } = await runIn(checkout, program, ['--bin', 'A.sol'])
    expect(code).toBe(1)
    expect(stderr).toContain('usage: solc --version | solc --standard-json')
  })
})
