import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

import { loadEngine } from '../evm/load.ts'
import { type ForkConfig, ForkConfigError, forkSettings } from '../node/fork/fork-config.ts'
import { Remote, RemoteError } from '../node/fork/remote.ts'
import type { Hash } from '../primitives/hex.ts'
import { fetchBundle } from './remote-bundle.ts'
import { type OptionValues, anyValue, lastValue, parseToolOptions } from './tool-options.ts'
import { complain, createProgress, describeThrown, misused, printLine } from './tool-output.ts'

const USAGE = `usage: heddle fetch --rpc URL [options] A..B|N...
  Fetches blocks of a remote chain with the state that their transactions read, for heddle replay.
  Blocks that are there already are left out, so a run that was broken off goes on.
  --rpc URL          where the chain answers; may be given again, for when the first fails
  --out DIR          where the blocks go (default .)
  --header LINE      an HTTP header, such as "Authorization: Bearer KEY"`

const HASHES_FILE = 'block_hashes.json'

/**
 * Writes bundles of blocks: one JSON line each on stdout.
 * @param argv what follows the command's name
 * @returns the exit code: 0 all there, 1 some failed, 2 bad usage
 */
export async function fetchBlocks(argv: readonly string[]): Promise<number> {
  const request = parseToolOptions(argv, {
    '--rpc': anyValue,
    '--out': anyValue,
    '--header': anyValue,
  })
  if (request.kind === 'help') {
    process.stdout.write(`${USAGE}\n`)
    return 0
  }
  if (request.kind === 'bad') return misused('fetch', request.problem)
  const ranges = request.paths.map(rangeOf)
  const wrong = ranges.indexOf(undefined)
  if (wrong >= 0) {
    return misused(
      'fetch',
      `expected a block or a range such as 100..200, got ${request.paths[wrong]}`,
    )
  }
  const numbers = ranges.flatMap((range) => range!)
  const folder = lastValue(request.values, '--out') ?? '.'
  try {
    const { remote, chainId } = await openRemote(request.values)
    const failed = await fetchAll(remote, chainId, numbers, folder)
    remote.close()
    return failed === 0 ? 0 : 1
  } catch (error) {
    if (error instanceof ForkConfigError) return misused('fetch', error.message)
    if (error instanceof RemoteError) return complain('fetch', error.message)
    throw error
  }
}

/** The remote chain that `--rpc` names. @throws {ForkConfigError} without it, {RemoteError} */
export async function openRemote(
  values: OptionValues,
): Promise<{ readonly remote: Remote; readonly chainId: bigint }> {
  const url = values.get('--rpc')
  if (url === undefined) throw new ForkConfigError('--rpc: expected the URL of a node')
  const headers = (values.get('--header') ?? []).map((line): [string, string] => {
    const at = line.indexOf(':')
    return [line.slice(0, at).trim(), line.slice(at + 1).trim()]
  })
  const config: ForkConfig = { url, headers: Object.fromEntries(headers) }
  const remote = new Remote(forkSettings(config).remote)
  const answer = await remote.ask('eth_chainId', [])
  if (typeof answer !== 'string' || !/^0x[0-9a-f]+$/i.test(answer)) {
    throw new RemoteError(`the remote at ${remote.name} answers eth_chainId with no number`)
  }
  return { remote, chainId: BigInt(answer) }
}

/** `5`, or `5..9`: both ends are included. */
function rangeOf(text: string): bigint[] | undefined {
  const found = /^(\d{1,15})(?:\.\.(\d{1,15}))?$/.exec(text)
  if (found === null) return undefined
  const first = BigInt(found[1]!)
  const last = BigInt(found[2] ?? found[1]!)
  if (last < first || last - first >= 1_000_000n) return undefined
  return Array.from({ length: Number(last - first) + 1 }, (_, at) => first + BigInt(at))
}

async function fetchAll(
  remote: Remote,
  chainId: bigint,
  numbers: readonly bigint[],
  folder: string,
): Promise<number> {
  await mkdir(folder, { recursive: true })
  const engine = await loadEngine('wasm')
  const progress = createProgress()
  let failed = 0
  for (const [index, number] of numbers.entries()) {
    const file = join(folder, `${number}.json.gz`)
    progress?.show(index / numbers.length, `${index + 1}/${numbers.length} block ${number}`)
    if (existsSync(file)) continue
    try {
      const { json, hashes, ...counts } = await fetchBundle(remote, engine, chainId, number)
      await addHashes(join(folder, HASHES_FILE), hashes)
      await put(file, await promisify(gzip)(JSON.stringify(json)))
      progress?.clear()
      printLine({ file, number: Number(number), ...counts })
    } catch (error) {
      failed++
      progress?.clear()
      const isOfRemote = error instanceof RemoteError
      printLine({
        number: Number(number),
        error: isOfRemote ? error.message : describeThrown(error),
      })
    }
  }
  progress?.clear()
  return failed
}

/** A file is there whole or not at all. */
async function put(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${file}.${randomUUID()}`
  await writeFile(temporary, content)
  await rename(temporary, file)
}

async function addHashes(file: string, hashes: ReadonlyMap<bigint, Hash>): Promise<void> {
  if (hashes.size === 0) return
  const before = existsSync(file)
    ? (JSON.parse(await readFile(file, 'utf8')) as Record<string, string>)
    : {}
  for (const [number, hash] of hashes) before[String(number)] = hash
  await put(file, JSON.stringify(before))
}
