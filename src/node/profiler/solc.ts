import { spawn } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

import { isRecord } from './json.ts'

/** Asking a compiler that is on this machine for what an artefact leaves out. Nothing is downloaded. */

/** A compiler as a program. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
}

/** For a compiler that hangs: a large project takes minutes by way of the IR, and so does a small one on a busy machine. */
const LIMIT_MS = 300_000

/** The command of the npm package ends before a pipe has taken all that it printed. */
const COMPILE = [
  'const solc = require(process.argv[1])',
  `let input = ''`,
  `process.stdin.setEncoding('utf8').on('data', (part) => (input += part))`,
  `process.stdin.on('end', () => process.stdout.write(solc.compile(input)))`,
].join('; ')

/**
 * What the compiler of a version prints for standard JSON; undefined when none of that version is here, or it failed.
 * It runs in a process of its own, so that the node goes on answering.
 * @param version `0.8.28`, or with a commit behind it
 * @param root the user's project, whose own `solc` package counts
 */
export async function compileWith(version: string, input: object, root: string): Promise<unknown> {
  const command = findCompiler(/^\d+\.\d+\.\d+/.exec(version)?.[0] ?? version, root)
  return command && compileBy(command, input)
}

/** What a compiler prints for standard JSON; undefined when it failed. */
export async function compileBy(command: Command, input: object): Promise<unknown> {
  const text = await run(command, JSON.stringify(input))
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/**
 * That which forge or Hardhat downloaded, or the npm package `solc` of the project or beside us.
 * @param version `0.8.28` @param root the user's project
 */
export function findCompiler(version: string, root: string): Command | undefined {
  const home = homedir()
  const files = [
    join(home, '.svm', version, `solc-${version}`),
    join(home, '.local', 'share', 'svm', version, `solc-${version}`),
    join(home, 'Library', 'Application Support', 'svm', version, `solc-${version}`),
    ...hardhatCompilers(home, version),
  ]
  const native = files.find((file) => existsSync(file))
  if (native !== undefined) return { file: native, args: ['--standard-json'] }
  for (const from of [join(root, 'package.json'), import.meta.url]) {
    const folder = npmCompiler(from, version)
    if (folder !== undefined) {
      return { file: process.execPath, args: ['-e', COMPILE, folder] }
    }
  }
  return undefined
}

/** `solc-linux-amd64-v0.8.28+commit.7893614a` in a folder for the platform. */
function hardhatCompilers(home: string, version: string): readonly string[] {
  const found: string[] = []
  for (const cache of ['compilers-v2', 'compilers-v3']) {
    const folder = join(home, '.cache', 'hardhat-nodejs', cache)
    for (const platform of list(folder)) {
      for (const name of list(join(folder, platform))) {
        if (name.includes(`-v${version}+commit`) && !name.endsWith('.js')) {
          found.push(join(folder, platform, name))
        }
      }
    }
  }
  return found
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function npmCompiler(from: string, version: string): string | undefined {
  try {
    const manifest = createRequire(from).resolve('solc/package.json')
    const parsed: unknown = JSON.parse(readFileSync(manifest, 'utf8'))
    const isIts = isRecord(parsed) && parsed['version'] === version
    return isIts ? dirname(manifest) : undefined
  } catch {
    return undefined
  }
}

/** @returns what it printed; empty when it could not be run */
async function run({ file, args }: Command, input: string): Promise<string> {
  return new Promise((resolve) => {
    // Where there are no sources: a compiler reads imports that are not in its input from where it runs.
    const cwd = dirname(file)
    const child = spawn(file, args, { cwd, stdio: ['pipe', 'pipe', 'ignore'], timeout: LIMIT_MS })
    let text = ''
    child.once('error', () => resolve(''))
    child.once('close', () => resolve(text))
    child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}
