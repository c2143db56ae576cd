import { createReadStream, createWriteStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'

import type { DevChain } from '../../chain/dev-chain.ts'
import { RpcError } from '../../rpc/error.ts'
import { JsonError } from './json-stream.ts'
import { PinnedChain, ReplacedError } from './pinned-chain.ts'
import { DumpReader, type LoadedDump } from './read-dump.ts'
import { type DumpOptions, dumpJson } from './write-dump.ts'

/** A dump over RPC is text in memory: larger ones are for files. Bytes, compressed. */
const MAX_RPC_BYTES = 64 * 1024 * 1024

/** A dump cannot be read or taken in. One line that names the entry. */
export class DumpError extends Error {
  override readonly name = 'DumpError'
}

/**
 * Writes the chain as it is now to `path`, while blocks go on: beside it first, so that what stood there stays until all is written.
 * @throws {DumpError}
 */
export async function dumpToFile(dev: DevChain, path: string, options: DumpOptions): Promise<void> {
  const file = await fileOf(path)
  const beside = `${file}.${process.pid}.part`
  try {
    await withPinned(dev, (chain) =>
      pipeline(Readable.from(dumpJson(chain, options)), createWriteStream(beside)),
    )
    await rename(beside, file)
  } catch (error) {
    await rm(beside, { force: true })
    throw new DumpError(`the state cannot be written to ${file}: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

/** Lets `read` have the chain as it is after what was asked for before. */
async function withPinned<T>(dev: DevChain, read: (chain: PinnedChain) => Promise<T>): Promise<T> {
  const chain = await dev.still(() => new PinnedChain(dev))
  try {
    return await read(chain)
  } finally {
    chain.release()
  }
}

/** Takes in the dump at `path`, plain or compressed. @throws {DumpError} in one line naming the file and the entry */
export async function loadFromFile(dev: DevChain, path: string): Promise<void> {
  const file = await fileOf(path)
  try {
    await load(dev, createReadStream(file))
  } catch (error) {
    throw new DumpError(`the state file ${file} cannot be loaded: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

/** Whether there is a dump at `path`. */
export async function hasDump(path: string): Promise<boolean> {
  const found = await stat(await fileOf(path)).catch(() => undefined)
  return found?.isFile() === true
}

/**
 * The chain as it is now as JSON, compressed by gzip, in pieces, while blocks go on.
 * @throws {DumpError} when it is larger than `mostBytes`, what an answer may be
 */
export async function dumpCompressed(
  dev: DevChain,
  options: DumpOptions,
  mostBytes: number = MAX_RPC_BYTES,
): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = []
  let length = 0
  try {
    await withPinned(dev, (chain) =>
      pipeline(Readable.from(dumpJson(chain, options)), createGzip(), async (source) => {
        for await (const piece of source as AsyncIterable<Uint8Array>) {
          pieces.push(piece)
          length += piece.length
          if (length > mostBytes) throw new RangeError('the dump is too large')
        }
      }),
    )
  } catch (error) {
    // What the pipeline that was broken off says of it depends on how far the chain was read.
    if (length > mostBytes) throw new DumpError(tooLarge(mostBytes), { cause: error })
    if (!(error instanceof ReplacedError)) throw error
    throw new DumpError(`the state cannot be dumped: ${error.message}`, { cause: error })
  }
  return pieces
}

function tooLarge(bytes: number): string {
  return `the state is larger than ${bytes} bytes, compressed: start with --dump-state FILE to have it in a file`
}

/** Takes in a dump, plain or compressed. @throws {DumpError} in one line naming the entry */
export async function loadFromBytes(dev: DevChain, bytes: Uint8Array): Promise<void> {
  try {
    await load(dev, Readable.from([Buffer.from(bytes)]))
  } catch (error) {
    throw new DumpError(`the state cannot be loaded: ${messageOf(error)}`, { cause: error })
  }
}

async function load(dev: DevChain, source: Readable): Promise<void> {
  await dev.load(async (base) => {
    const { codes, config } = dev.chain
    const reader = new DumpReader({ base, codes, config })
    const text = new TextDecoder('utf-8', { fatal: true })
    for await (const piece of await decompressed(source)) {
      reader.write(text.decode(piece as Uint8Array, { stream: true }))
    }
    reader.write(text.decode())
    const loaded = reader.finish()
    adoptEnvironment(dev, loaded)
    return loaded
  })
}

/** Anvil goes on with the gas limit and the beneficiary of the dump. */
function adoptEnvironment(dev: DevChain, { environment }: LoadedDump): void {
  const { gas_limit: gasLimit, beneficiary } = environment
  dev.settings = {
    ...dev.settings,
    ...(gasLimit !== undefined && { gasLimit }),
    ...(beneficiary !== undefined && { coinbase: beneficiary }),
  }
}

const GZIP = [0x1f, 0x8b]

/** What `source` holds; decompressed when it begins as gzip does. */
async function decompressed(source: Readable): Promise<Readable> {
  const pieces = source[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  const first = await pieces.next()
  const begin = first.done === true ? new Uint8Array(0) : first.value
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield begin
    for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
      yield next.value
    }
  }
  const readable = Readable.from(whole())
  if (begin[0] !== GZIP[0] || begin[1] !== GZIP[1]) return readable
  const unzipped = createGunzip()
  readable.on('error', (error) => unzipped.destroy(error))
  return readable.pipe(unzipped)
}

/** In a folder the dump is `state.json`, as for Anvil. */
async function fileOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  return found?.isDirectory() === true ? join(path, 'state.json') : path
}

function messageOf(error: unknown): string {
  if (error instanceof RpcError) return error.message.replace(/^invalid params: /, '')
  if (error instanceof JsonError) return error.message
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n', 1)[0]!
}
