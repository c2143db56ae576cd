import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect } from 'vitest'

import { type SpawnedNode, spawnNode } from '../support/node.ts'
import { findChromium } from './chromium.ts'

/** For what never comes: a machine that others use takes its time. */
const WAIT_MS = 60_000
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Where a test looks: the newest node and browser of its file. */
export interface Stage {
  readonly node: SpawnedNode
  /** A window of its own, on a path of the page. Errors of the page fail the test that asks `errorsOf`. */
  open(path: string, options?: Opened): Promise<Page>
  /** Calls the node past the page. @throws {Error} with the node's words */
  call<T = unknown>(method: string, ...params: readonly unknown[]): Promise<T>
}

interface Opened {
  readonly width?: number
  readonly height?: number
  readonly theme?: 'light' | 'dark'
  /** Runs in the window before the page's own code. */
  readonly before?: string
}

/**
 * Tests of the page in a real Chromium against a real node, both started once for the file. Where no browser is they are skipped,
 * which the global setup says.
 */
export function onStage(
  name: string,
  tests: (stage: Stage) => void,
  flags: readonly string[] = [],
): void {
  const executablePath = findChromium()
  describe.skipIf(executablePath === undefined)(name, () => {
    let node: SpawnedNode | undefined
    let browser: Browser | undefined
    let context: BrowserContext | undefined
    let home: string | undefined

    beforeAll(async () => {
      home = mkdtempSync(join(tmpdir(), 'heddle-chromium-'))
      ;[node, browser] = await Promise.all([
        spawnNode({ flags }),
        chromium.launch({
          executablePath: executablePath ?? '',
          args: FLAGS,
          env: { ...process.env, HOME: home },
          timeout: 2 * WAIT_MS,
        }),
      ])
    })

    afterAll(async () => {
      await context?.close()
      await browser?.close()
      await node?.[Symbol.asyncDispose]()
      if (home !== undefined) rmSync(home, { recursive: true, force: true })
    })

    const running = (): SpawnedNode => {
      if (node === undefined) throw new Error('the node is not up yet')
      return node
    }
    tests({
      get node() {
        return running()
      },
      async open(path, { width = 1280, height = 900, theme = 'light', before } = {}) {
        await context?.close()
        context = await browser!.newContext({
          viewport: { width, height },
          colorScheme: theme,
          reducedMotion: 'reduce',
        })
        const page = await context.newPage()
        page.setDefaultTimeout(WAIT_MS)
        watch(page)
        if (before !== undefined) await page.addInitScript(before)
        await page.goto(running().url + path)
        return page
      },
      async call<T>(method: string, ...params: readonly unknown[]): Promise<T> {
        const answer = await fetch(running().url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
        })
        const { result, error } = (await answer.json()) as {
          readonly result: T
          readonly error?: { readonly message: string }
        }
        if (error !== undefined) throw new Error(`${method}: ${error.message}`)
        return result
      },
    })
  })
}

const errors = new WeakMap<Page, string[]>()
const strangers = new WeakMap<Page, string[]>()

function watch(page: Page): void {
  const [bad, foreign]: [string[], string[]] = [[], []]
  errors.set(page, bad)
  strangers.set(page, foreign)
  page.on('pageerror', (error) => bad.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') bad.push(message.text())
  })
  page.on('request', (asked) => {
    const { protocol, hostname } = new URL(asked.url())
    if (hostname !== '127.0.0.1' && !['data:', 'blob:', 'file:'].includes(protocol)) {
      foreign.push(asked.url())
    }
  })
}

/** That nothing was thrown or refused by the policy, and nobody but the node asked. */
export function expectQuiet(page: Page): void {
  expect(errors.get(page)).toEqual([])
  expect(strangers.get(page)).toEqual([])
}

interface Finding {
  readonly id: string
  readonly impact: string | null
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

/** That axe-core has no serious or critical finding on the page as it is. */
export async function expectAccessible(page: Page): Promise<void> {
  // By the debugger: a script element would be inline, which the page's policy forbids.
  await page.evaluate(axe.source)
  const found = (await page.evaluate(
    'axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations)',
  )) as Finding[]
  const serious = found.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  expect(
    serious.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html.slice(0, 160))]),
  ).toEqual([])
}

/** That nothing is wider than the window: no sideways scrolling of the page itself. */
export async function expectFits(page: Page): Promise<void> {
  const [content, width] = (await page.evaluate(
    '[document.documentElement.scrollWidth, window.innerWidth]',
  )) as [number, number]
  expect(content).toBeLessThanOrEqual(width)
}
