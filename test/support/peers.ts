import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { isInstalled } from '../../scripts/prepare.mjs'
import { whileLocked } from './lock.ts'

const folder = join(import.meta.dirname, '..', 'peers')
const hardhatFolder = join(folder, 'hardhat')
const lockFolder = join(import.meta.dirname, '..', '..', '.cache')

/** A program of another project, or another version of Node, that tests and the bench run. */
export type Peer = 'anvil' | 'cast' | 'forge' | 'node22' | 'node24'

/**
 * Installs `test/peers` when its node_modules is not what the lockfile names; several processes may
 * ask at once. The first call on a machine fetches about 600 MB.
 * @throws {Error} with npm's message when it fails.
 */
export async function ensurePeers(): Promise<void> {
  await ensureFolder(folder, 'peers', ['ci', '--ignore-scripts'])
}

/**
 * As `ensurePeers`, with Hardhat 3 beside it: 100 MB more. `npm ci` would insist on what its engine
 * has for other platforms; `npm install` follows the lockfile too, and leaves that out.
 */
export async function ensureHardhat(): Promise<void> {
  await ensurePeers()
  await ensureFolder(hardhatFolder, 'hardhat', ['install', '--no-save', '--ignore-scripts'])
}

/** web3.js, which is apart because it brings 78 packages. @throws {Error} with npm's message when it fails. */
export async function loadWeb3(): Promise<unknown> {
  const web3Folder = join(folder, 'web3')
  await ensureFolder(web3Folder, 'web3', ['ci', '--ignore-scripts'])
  return createRequire(join(web3Folder, 'package.json'))('web3')
}

/**
 * The absolute path of a peer's executable, after `ensurePeers`.
 * @throws {Error} when it is not there, or not made for this machine.
 */
export function peerBinary(peer: Peer): string {
  const path = join(folder, 'node_modules', ...packageOf(peer))
  if (existsSync(path)) return path
  throw new Error(
    `${peer} is not installed: expected ${path}; test/peers has programs for linux-x64 only, ` +
      `this is ${process.platform}-${process.arch}`,
  )
}

/** Hardhat's command, after `ensureHardhat`: Node 22's executable and the script to give it. */
export function hardhatCommand(): readonly [command: string, script: string] {
  return [peerBinary('node22'), join(hardhatFolder, 'node_modules', 'hardhat', 'dist/src/cli.js')]
}

/** Loads a package of `test/peers`, such as `@metamask/network-controller`, after `ensurePeers`. */
export function requirePeer(name: string): unknown {
  return createRequire(join(folder, 'package.json'))(name)
}

function packageOf(peer: Peer): string[] {
  const { platform, arch } = process
  if (peer === 'node22' || peer === 'node24') {
    return [`${peer}-${platform}-${arch}`, 'bin', 'node']
  }
  return ['@foundry-rs', `${peer}-${platform}-${arch === 'x64' ? 'amd64' : arch}`, 'bin', peer]
}

async function ensureFolder(path: string, name: string, args: readonly string[]): Promise<void> {
  if (isInstalled(path)) return
  await whileLocked(join(lockFolder, `${name}.lock`), async () => {
    if (!isInstalled(path)) await install(path, args)
  })
}

/** No install scripts: the executables are packages of their own, one for each platform. */
async function install(path: string, args: readonly string[]): Promise<void> {
  const flags = ['--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
  const child = spawn('npm', [...args, ...flags], {
    cwd: path,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  await once(child, 'close')
  if (child.exitCode === 0) return
  throw new Error(`npm ${args.join(' ')} failed in ${path}\n${stderr}`)
}
