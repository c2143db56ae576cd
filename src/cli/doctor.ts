import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { join } from 'node:path'

import { createColors } from 'picocolors'

import { countArtefacts } from '../node/artefact-folders.ts'
import { DEFAULT_NODE_CONFIG } from '../node/defaults.ts'
import { VERSION } from '../node/version.ts'
import { BACKENDS, type BackendName, openBackend } from '../primitives/secp256k1-backends.ts'
import { openLevelKv } from '../store/level-kv.ts'
import { CONFIG_NAMES } from './config-file.ts'
import { wantsColor } from './color.ts'
import type { LoadedSettings } from './load-settings.ts'
import { nodeVersionProblem } from './node-version.ts'
import type { Settings } from './settings.ts'
import { describeStartError, messageOf } from './start-error.ts'
import { toNodeConfig, toServerConfig } from './to-config.ts'

/** `slow`: works, but not as well as it could; `bad`: the node will not start. */
export interface Finding {
  readonly name: string
  readonly state: 'good' | 'slow' | 'bad'
  readonly text: string
}

/** Loads a package, or throws why it does not load. */
export type Load = (name: string) => unknown

const NAME_WIDTH = 15
/** For each folder of artefacts. */
const COUNT_MS = 500

/** Prints what the node would run on here. @returns 1 when something keeps it from starting, else 0. */
export async function doctor(loaded: LoadedSettings): Promise<number> {
  const findings = await examine(loaded)
  const settings = loaded.kind === 'loaded' ? loaded.settings : {}
  const colors = createColors(wantsColor(settings.color, process.env, process.stdout.isTTY))
  const paint = { good: colors.green, slow: colors.yellow, bad: colors.red }
  if (settings.json === true) process.stdout.write(`${JSON.stringify(findings)}\n`)
  else {
    for (const { name, state, text } of findings) {
      process.stdout.write(`${paint[state](name.padEnd(NAME_WIDTH))} ${text}\n`)
    }
  }
  return findings.some(({ state }) => state === 'bad') ? 1 : 0
}

async function examine(loaded: LoadedSettings): Promise<Finding[]> {
  const settings = loaded.kind === 'loaded' ? loaded.settings : {}
  const load = createRequire(import.meta.url)
  const nodeProblem = nodeVersionProblem(process.versions.node)
  const findings: Finding[] = [
    { name: 'heddle', state: 'good', text: VERSION },
    nodeProblem === undefined
      ? { name: 'Node', state: 'good', text: process.versions.node }
      : { name: 'Node', state: 'bad', text: nodeProblem },
    findSignatures(openBackend),
    findKzg(load),
    findLevel(load),
  ]
  const { artefactDirs } = await toNodeConfig(settings)
  findings.push(findArtefacts(artefactDirs ?? DEFAULT_NODE_CONFIG.artefactDirs))
  findings.push(...findConfiguration(loaded))
  findings.push(await findData(settings.dataDir))
  findings.push(await findPort(settings))
  return findings
}

const SIGNATURE_NAMES: Readonly<Record<BackendName, string>> = {
  native: 'secp256k1 (native, 0.07 ms a recovery)',
  wasm: 'tiny-secp256k1 (WebAssembly, 0.4 ms a recovery)',
  javascript: '@noble/curves (JavaScript, 2 to 3 ms a recovery)',
}

/** Which of the curve's implementations is active, and why the better ones are not. */
export function findSignatures(open: (name: BackendName) => unknown): Finding {
  const reasons: string[] = []
  for (const name of BACKENDS) {
    try {
      open(name)
      const state = name === 'native' ? 'good' : 'slow'
      return { name: 'Signatures', state, text: [SIGNATURE_NAMES[name], ...reasons].join('; ') }
    } catch (error) {
      reasons.push(`${SIGNATURE_NAMES[name].split(' ', 1)[0]}: ${messageOf(error)}`)
    }
  }
  return { name: 'Signatures', state: 'bad', text: reasons.join('; ') }
}

/** Which package makes blob proofs. Its trusted setup, which takes seconds, is not loaded. */
export function findKzg(load: Load): Finding {
  const name = 'KZG'
  const native = tryLoad(load, 'c-kzg')
  if (native === undefined) return { name, state: 'good', text: 'c-kzg (native)' }
  const fallback = tryLoad(load, 'micro-eth-signer/kzg.js')
  if (fallback === undefined) {
    return { name, state: 'slow', text: `micro-eth-signer (JavaScript); c-kzg: ${native}` }
  }
  const text = `blob transactions do not work; c-kzg: ${native}; micro-eth-signer: ${fallback}`
  return { name, state: 'slow', text }
}

/** Whether chains can be kept on disk. */
export function findLevel(load: Load): Finding {
  const reason = tryLoad(load, 'classic-level')
  if (reason === undefined)
    return { name: 'LevelDB', state: 'good', text: 'classic-level (native)' }
  const text = `--data-dir does not work, chains in memory do; classic-level: ${reason}`
  return { name: 'LevelDB', state: 'slow', text }
}

/** How many artefacts lie in the folders that the node looks into. */
export function findArtefacts(folders: readonly string[]): Finding {
  const found = folders.flatMap((folder) => {
    const { count, more } = countArtefacts(folder, COUNT_MS)
    const shown = `${more ? 'more than ' : ''}${count}`
    return count === 0 ? [] : [`${shown} ${count === 1 ? 'file' : 'files'} in ${folder}`]
  })
  const text = found.length === 0 ? `none in ${folders.join(', ')}` : found.join(', ')
  return { name: 'Artefacts', state: 'good', text }
}

function findConfiguration(loaded: LoadedSettings): Finding[] {
  const name = 'Configuration'
  if (loaded.kind === 'bad') {
    return loaded.problems.map((text) => ({ name, state: 'bad', text }))
  }
  const notes = loaded.notes.map((text): Finding => ({ name, state: 'slow', text }))
  const text = loaded.file ?? `no file (${CONFIG_NAMES[0]} or ${CONFIG_NAMES.at(-1)})`
  return [{ name, state: 'good', text }, ...notes]
}

async function findData(folder: string | undefined): Promise<Finding> {
  const name = 'Data'
  if (folder === undefined) return { name, state: 'good', text: 'in memory' }
  // A folder that is no store would be made one by opening it.
  if (!existsSync(join(folder, 'CURRENT'))) {
    return { name, state: 'good', text: `${folder} (no chain in it yet)` }
  }
  try {
    const kv = await openLevelKv(folder)
    await kv.close()
    return { name, state: 'good', text: folder }
  } catch (error) {
    return { name, state: 'bad', text: messageOf(error) }
  }
}

async function findPort(settings: Partial<Settings>): Promise<Finding> {
  const name = 'Port'
  const config = toServerConfig(settings)
  const { host, port } = config
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port }, resolve)
    })
    return { name, state: 'good', text: `${port} is free on ${host}` }
  } catch (error) {
    return { name, state: 'bad', text: describeStartError(error, config) }
  } finally {
    server.close()
  }
}

function tryLoad(load: Load, name: string): string | undefined {
  try {
    load(name)
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}
