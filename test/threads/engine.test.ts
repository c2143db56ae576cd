import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { loadModule } from '../../src/evm/wasm/instance.ts'
import type { EngineReport } from './engine-worker.ts'

// Beside the compiled modules, where it looks for them.
const cache = fileURLToPath(new URL('../../.cache/', import.meta.url))
const folder = mkdtempSync(join(cache, 'engine-'))
const entry = join(folder, 'worker.mjs')

beforeAll(async () => {
  await build({
    entryPoints: [new URL('engine-worker.ts', import.meta.url).pathname],
    outfile: entry,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['secp256k1', 'tiny-secp256k1', 'c-kzg', 'level', 'mcl-wasm'],
    logLevel: 'error',
  })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the engine in a new thread', () => {
  it('runs a transfer on the module that was posted to it', async () => {
    const module = await loadModule('engine')
    const lines: string[] = []
    for (let i = 0; i < 5; i++) {
      const startedMs = performance.now()
      const worker = new Worker(entry, { workerData: module })
      const report = await new Promise<EngineReport>((resolve, reject) => {
        worker.once('message', resolve).once('error', reject)
      })
      const allMs = performance.now() - startedMs
      expect(report.recordSize).toBeGreaterThan(0)
      const parts = [report.readyMs, report.transferMs, allMs].map((ms) => ms.toFixed(1))
      lines.push(
        `machine ${parts[0]} ms, first transfer ${parts[1]} ms, since the thread's start ${parts[2]} ms`,
      )
      await worker.terminate()
    }
    // For people; it depends on the machine, so nothing is asserted.
    console.log(lines.join('\n'))
  })
})
