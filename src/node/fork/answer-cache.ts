import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { type Hash, isHex } from '../../primitives/hex.ts'
import type { Json } from '../../rpc/backend.ts'

const FORMAT = 1
const FLUSH_MS = 1_000
/** Longer answers are not worth keeping. */
const LONGEST = 2 ** 20

/**
 * What a remote chain answered about one block and those before it: none of it ever changes. In memory, and in a file of its own where a
 * folder is given. Any number of processes may use the folder: files are put in place whole, each with what the one before it had.
 */
export class AnswerCache {
  readonly #path: string | undefined
  readonly #answers: Map<string, Json>
  #fresh = new Map<string, Json>()
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  private constructor(path: string | undefined, answers: Map<string, Json>) {
    this.#path = path
    this.#answers = answers
  }

  /** @param folder where files lie; undefined keeps answers in memory only */
  static async open(
    folder: string | undefined,
    chainId: bigint,
    block: Hash,
  ): Promise<AnswerCache> {
    const path = folder && join(folder, String(chainId), `${block}.json`)
    return new AnswerCache(path, path === undefined ? new Map() : await readAnswers(path))
  }

  get(key: string): Json | undefined {
    return this.#answers.get(key)
  }

  set(key: string, answer: Json): void {
    if (typeof answer === 'object' && JSON.stringify(answer).length > LONGEST) return
    this.#answers.set(key, answer)
    if (this.#path === undefined) return
    this.#fresh.set(key, answer)
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref()
  }

  /** Resolves once all is in the file. A folder that cannot be written to is no reason to fail: it is a cache. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async #write(): Promise<void> {
    const path = this.#path
    if (path === undefined || this.#fresh.size === 0) return
    const fresh = this.#fresh
    this.#fresh = new Map()
    const answers = new Map([...(await readAnswers(path)), ...fresh])
    await putFile(path, { format: FORMAT, answers: Object.fromEntries(answers) })
  }
}

async function readAnswers(path: string): Promise<Map<string, Json>> {
  const file = await readJson(path)
  const answers = file?.['format'] === FORMAT ? file['answers'] : undefined
  return typeof answers === 'object' && answers !== null
    ? new Map(Object.entries(answers as Record<string, Json>))
    : new Map()
}

/** What is known of an address of a remote chain, so that a fork of it can start when it does not answer. */
export interface KnownRemote {
  readonly chainId: bigint
  /** The newest block that was forked. */
  readonly newest: bigint
  /** Hashes of the blocks that were forked. */
  readonly hashes: ReadonlyMap<bigint, Hash>
}

export async function readKnownRemote(
  folder: string,
  url: string,
): Promise<KnownRemote | undefined> {
  const file = await readJson(knownPath(folder, url))
  if (file?.['format'] !== FORMAT) return undefined
  const { chainId, newest, hashes } = file
  if (typeof chainId !== 'string' || typeof newest !== 'string') return undefined
  const entries = Object.entries((hashes ?? {}) as Record<string, unknown>)
  const blocks = entries.filter((entry): entry is [string, Hash] => isHex(entry[1]))
  return {
    chainId: BigInt(chainId),
    newest: BigInt(newest),
    hashes: new Map(blocks.map(([number, hash]) => [BigInt(number), hash])),
  }
}

export async function rememberRemote(
  folder: string,
  url: string,
  chainId: bigint,
  number: bigint,
  hash: Hash,
): Promise<void> {
  const known = await readKnownRemote(folder, url)
  const hashes = new Map(known?.chainId === chainId ? known.hashes : [])
  hashes.set(number, hash)
  await putFile(knownPath(folder, url), {
    format: FORMAT,
    chainId: String(chainId),
    newest: String(number),
    hashes: Object.fromEntries([...hashes].map(([at, each]) => [String(at), each])),
  })
}

/** URLs hold keys: the file has only their hash for a name. */
function knownPath(folder: string, url: string): string {
  const name = createHash('sha256').update(url).digest('hex').slice(0, 32)
  return join(folder, 'remotes', `${name}.json`)
}

async function readJson(path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'))
    return typeof value === 'object' && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    // Not there, or damaged: then it is fetched again.
    return undefined
  }
}

async function putFile(path: string, content: object): Promise<void> {
  const temporary = `${path}.${randomUUID()}`
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(temporary, JSON.stringify(content))
    await rename(temporary, path)
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined)
  }
}
