import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { runIn, temporaryFolder } from '../support/checkout.ts'
import { whileLocked, whileLockedSync } from '../support/lock.ts'
import {
  ensureHardhat,
  ensurePeers,
  hardhatCommand,
  peerBinary,
  requirePeer,
} from '../support/peers.ts'
import type { Peer } from '../support/peers.ts'

const versions: Readonly<Record<Peer, string>> = {
  anvil: '1.7.1',
  cast: '1.7.1',
  forge: '1.7.1',
  node22: 'v22.23.3',
  node24: 'v24.21.0',
}

describe('the peers', () => {
  beforeAll(async () => {
    await Promise.all([ensurePeers(), ensurePeers()])
  }, 600_000)

  it.each(Object.entries(versions))('%s runs, in version %s', async (peer, version) => {
    const { stdout, code } = await runIn('.', peerBinary(peer as Peer), ['--version'])
    expect(code).toBe(0)
    expect(stdout).toContain(version)
  })

  it('Hardhat 3 runs, on Node 22', async () => {
    await ensureHardhat()
    const [node, script] = hardhatCommand()
    expect(await runIn('.', node, [script, '--version'])).toMatchObject({
      code: 0,
      stdout: '3.18.0\n',
    })
  }, 300_000)

  it("MetaMask's packages load on this Node", () => {
    expect(requirePeer('@metamask/network-controller')).toHaveProperty('NetworkController')
    const middleware = requirePeer('@metamask/eth-json-rpc-middleware')
    expect(middleware).toHaveProperty('createWalletMiddleware')
    expect(requirePeer('@metamask/messenger')).toHaveProperty('Messenger')
  })
})

describe('the lock between processes', () => {
  it('lets one in at a time, and leaves nothing', async () => {
    const folder = temporaryFolder('lock')
    const path = join(folder.path, 'a.lock')
    const steps: string[] = []
    const work = (name: string) => async (): Promise<void> => {
      steps.push(`${name} in`)
      await wait(20)
      steps.push(`${name} out`)
    }
    await Promise.all(['a', 'b', 'c'].map((name) => whileLocked(path, work(name))))
    const order = steps.map((step) => step.split(' ')[1])
    expect(order).toEqual(['in', 'out', 'in', 'out', 'in', 'out'])
    expect(existsSync(path)).toBe(false)
    folder.remove()
  })

  it('is taken over from a process that has ended', () => {
    const folder = temporaryFolder('lock')
    const path = join(folder.path, 'a.lock')
    writeFileSync(path, String(spawnSync(process.execPath, ['--version']).pid))
    expect(whileLockedSync(path, () => 'done')).toBe('done')
    expect(existsSync(path)).toBe(false)
    folder.remove()
  })

  it('is given back when the work fails', () => {
    const folder = temporaryFolder('lock')
    const path = join(folder.path, 'a.lock')
    const work = (): never => {
      throw new Error('no')
    }
    expect(() => whileLockedSync(path, work)).toThrow('no')
    expect(existsSync(path)).toBe(false)
    folder.remove()
  })
})
