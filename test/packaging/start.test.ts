import { rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, cloneInto, runIn, startNode, temporaryFolder } from '../support/checkout.ts'

/** A build takes 10 s of a machine that is free, and much more of one that is not. */
const BUILD_MS = 300_000

describe('npm start', () => {
  const clone = temporaryFolder('start')
  const command = join(clone.path, 'dist', 'cli', 'main.js')
  beforeAll(() => cloneInto(clone.path))
  afterAll(() => clone.remove())

  async function start(): Promise<string> {
    const node = await startNode(clone.path, 'npm', [
      'start',
      '--',
      '--port',
      '0',
      '--accounts',
      '3',
    ])
    try {
      expect(await call(node.url, 'eth_accounts')).toHaveLength(3)
    } finally {
      await node.interrupt()
    }
    return node.stderr()
  }

  it(
    'builds a fresh clone and passes flags on',
    async () => {
      expect(await start()).toMatch(/^heddle: built dist in /m)
    },
    BUILD_MS,
  )

  it('builds nothing the second time', async () => {
    const builtMs = statSync(command).mtimeMs
    expect(await start()).not.toMatch(/built/)
    expect(statSync(command).mtimeMs).toBe(builtMs)
  })

  it('builds nothing when only the times of the sources changed', async () => {
    utimesSync(join(clone.path, 'src', 'index.ts'), new Date(), new Date())
    expect(await start()).not.toMatch(/built/)
  })

  it(
    'builds again when a source changed, or an output is gone',
    async () => {
      writeFileSync(join(clone.path, 'src', 'primitives', 'extra.ts'), 'export const extra = 1\n')
      expect(await start()).toMatch(/built dist/)
      rmSync(command)
      expect(await start()).toMatch(/built dist/)
    },
    BUILD_MS,
  )

  it('says in one line that a source does not build', async () => {
    const broken = join(clone.path, 'src', 'cli', 'main.ts')
    writeFileSync(broken, 'const = 1\n')
    const ended = await runIn(clone.path, process.execPath, ['scripts/start.mjs'])
    expect(ended.code).toBe(1)
    expect(ended.stderr).toMatch(/^heddle: cannot start: /m)
  })
})

describe('npm start on a Node that is too old', () => {
  it('says so in one line and does nothing else', async () => {
    const pretend = `Object.defineProperty(process.versions, 'node', { value: '18.20.0' })`
    const url = `data:text/javascript,${encodeURIComponent(pretend)}`
    const ended = await runIn(process.cwd(), process.execPath, [
      '--import',
      url,
      'scripts/start.mjs',
    ])
    expect(ended).toEqual({
      code: 1,
      stdout: '',
      stderr: 'heddle: needs Node 20.19 or newer, this is 18.20.0\n',
    })
  })
})
