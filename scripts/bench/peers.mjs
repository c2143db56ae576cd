// Where the executables of the nodes are.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isInstalled, notice, root } from '../prepare.mjs'

const folder = join(root, 'test', 'peers')

/**
 * The path of the pinned Anvil, after installing `test/peers` when it is not what the lockfile names.
 * @returns {string}
 * @throws {Error} when npm fails, or Anvil is not made for this machine
 */
export function anvilBinary() {
  if (!isInstalled(folder)) install()
  const machine = process.arch === 'x64' ? 'amd64' : process.arch
  const name = process.platform === 'win32' ? 'anvil.exe' : 'anvil'
  const path = join(
    folder,
    'node_modules',
    '@foundry-rs',
    `anvil-${process.platform}-${machine}`,
    'bin',
    name,
  )
  if (existsSync(path)) return path
  throw new Error(`anvil is not made for ${process.platform}-${process.arch}: expected ${path}`)
}

/** No install scripts: the executables come as packages of their own, one for each platform. */
function install() {
  notice('installing the peers (npm ci in test/peers, about 600 MB), this is needed once')
  const flags = ['ci', '--ignore-scripts', '--include=optional', '--no-audit', '--no-fund']
  const { status } = spawnSync('npm', [...flags, '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error('npm ci failed in test/peers; its message is above')
}
