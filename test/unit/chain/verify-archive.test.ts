import { describe, expect, it } from 'vitest'
import { HEAD_KEY } from '../../../src/chain/archive-keys.ts'
import { openArchive, openChain } from '../../../src/chain/open-chain.ts'
import { verifyArchive } from '../../../src/chain/verify-archive.ts'
import { encodeRlp } from '../../../src/primitives/rlp.ts'
import type { Kv } from '../../../src/store/kv.ts'
import { createMemoryKv } from '../../../src/store/memory-kv.ts'
import { devChain, executor, genesisAt, transfer } from '../../support/dev-chain.ts'

/** A store with a chain of four blocks, and what was written to it by its first byte. */
async function filled(): Promise<{ readonly kv: Kv; readonly keys: Map<string, Uint8Array[]> }> {
  const inner = createMemoryKv()
  const keys = new Map<string, Uint8Array[]>()
  const kv: Kv = {
    ...inner,
    async write(batch) {
      for (const { key } of batch) {
        const kind = String.fromCharCode(key[0]!)
        keys.set(kind, [...(keys.get(kind) ?? []), key])
      }
      await inner.write(batch)
    },
  }
  const { chain, disk } = openChain(genesisAt('osaka'), executor, kv, { identity: 'test' })
  const dev = devChain({ chain })
  for (let nonce = 0n; nonce < 3n; nonce++) {
    dev.submit(transfer(0, nonce))
    await dev.mine()
  }
  await disk.flush()
  return { kv, keys }
}

/** Of nodes and versions the newest: older ones are perhaps needed by nobody. */
const pick = (keys: readonly Uint8Array[], kind: string): Uint8Array | undefined =>
  kind === 'n' || kind === 'r' ? keys.at(-1) : keys[0]

describe('a folder that is looked at', () => {
  it.each([
    [2n, 'an older'],
    [99n, 'a newer'],
  ])('of format %s says what to do with it', async (format, other) => {
    const { kv } = await filled()
    const number = Uint8Array.of(Number(format))
    const head = encodeRlp([number, new Uint8Array(0), Uint8Array.of(4), new Uint8Array(0)])
    await kv.write([{ key: HEAD_KEY, value: head }])
    expect(() => openArchive(kv)).toThrow(
      new RegExp(
        `is of ${other} version of heddle \\(format ${format}, .*new folder; .*--dump-state`,
      ),
    )
  })

  it('is whole as it was written', async () => {
    const { kv } = await filled()
    expect(verifyArchive(openArchive(kv))).toMatchObject({
      blocks: 4,
      transactions: 3,
      problems: [],
      isChanged: false,
    })
  })

  it.each([
    ['B', /block \d: its record is missing/],
    ['R', /block \d: its record is missing/],
    ['H', /block \d: it is not found by its hash/],
    ['T', /block 1: transaction 0x\w+ is not found there/],
    ['c', /the code 0x\w+ is unknown/],
    ['n', /trie node \d+ is missing/],
    ['r', /version \d+ of the state is missing/],
  ])('tells of a lost record of the kind %s', async (kind, problem) => {
    const { kv, keys } = await filled()
    await kv.write([{ key: pick(keys.get(kind)!, kind)!, value: undefined }])
    const { problems } = verifyArchive(openArchive(kv))
    expect(problems.join('\n')).toMatch(problem)
  })

  it('tells of a body in the place of another', async () => {
    const { kv, keys } = await filled()
    const [first, second] = keys.get('B')!
    await kv.write([{ key: second!, value: kv.get(first!) }])
    expect(verifyArchive(openArchive(kv)).problems.join('\n')).toMatch(
      /block 1: it has the number 0/,
    )
  })
})
