import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'

import { verify } from '../../src/cli/verify.ts'
import { createNode } from '../../src/node/create-node.ts'
import type { HeddleNode } from '../../src/node/node.ts'
import { capture, linesOf } from './capture.ts'

let node: HeddleNode | undefined
let folder: string | undefined
afterEach(async () => {
  await node?.close()
  if (folder !== undefined) await rm(folder, { recursive: true })
})

interface Forgeable {
  readonly blockHash: string
  readonly steps: { readonly reads: [number, string, number][] }[]
}

async function mined(): Promise<{ url: string; file: string; certificate: Forgeable }> {
  const made = await createNode({ workers: 1, artefactDirs: [] })
  node = made
  const [from, to] = made.accounts.map(({ address }) => address)
  await made.request({ method: 'eth_sendTransaction', params: [{ from, to, value: '0x1' }] })
  const params = ['latest', { proofs: true }]
  const certificate = (await made.request({
    method: 'parallel_getCertificate',
    params,
  })) as Forgeable
  folder = await mkdtemp(join(tmpdir(), 'heddle-verify-'))
  const file = join(folder, 'certificate.json')
  await writeFile(file, JSON.stringify({ jsonrpc: '2.0', id: 1, result: certificate }))
  const { port } = await made.serve({ port: 0 })
  return { url: `http://127.0.0.1:${port}`, file, certificate }
}

describe('heddle verify', () => {
  it('checks a file, and a block of a node', async () => {
    const { url, file, certificate } = await mined()
    const counts = {
      holds: true,
      blockNumber: 1,
      blockHash: certificate.blockHash,
      transactions: 1,
    }
    const ofFile = await capture(verify, file)
    expect(ofFile).toMatchObject({ code: 0, stderr: '' })
    expect(linesOf(ofFile.stdout)[0]).toMatchObject({ ...counts, certificate: file })
    const ofNode = await capture(verify, '--rpc-url', url, '1', 'latest')
    expect(ofNode).toMatchObject({ code: 0, stderr: '' })
    expect(linesOf(ofNode.stdout)).toMatchObject([counts, counts])
    expect(linesOf(ofNode.stdout)[0]!['provenAccounts']).toBeGreaterThanOrEqual(3)
  })

  it('names what is wrong', async () => {
    const { file, url, certificate } = await mined()
    certificate.steps[1]!.reads[0]![2] = 1
    await writeFile(file, JSON.stringify(certificate))
    const forged = await capture(verify, file)
    expect(forged.code).toBe(1)
    expect(forged.stderr).toMatch(
      /certificate\.json: steps\[1\]\.reads\[0\]: .* is said to be from step 1/,
    )
    const missing = await capture(verify, '--rpc-url', url, '7')
    expect(missing).toMatchObject({
      code: 2,
      stderr: `heddle verify: ${url}: block #7 not found\n`,
    })
    expect(await capture(verify, join(folder!, 'none.json'))).toMatchObject({ code: 2 })
    expect((await capture(verify, '--rpc-url', 'here', '7')).stderr).toMatch(/expected a URL/)
    expect((await capture(verify)).stderr).toMatch(/no file named/)
  })
})
