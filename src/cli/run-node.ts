import { writeFileSync } from 'node:fs'

import { createColors } from 'picocolors'

import type { ServerConfig } from '../node/config.ts'
import { DEV_MNEMONIC } from '../node/defaults.ts'
import type { NodeListener } from '../node/events.ts'
import { mnemonicOddity } from '../node/mnemonic.ts'
import type { HeddleNode } from '../node/node.ts'
import { VERSION } from '../node/version.ts'
import {
  type BannerFacts,
  type GenesisFacts,
  bannerObject,
  configObject,
  renderBanner,
} from './banner.ts'
import { wantsColor } from './color.ts'
import { GasReport } from './gas-report.ts'
import { GatheredStream } from './gathered-stream.ts'
import type { LoadedSettings } from './load-settings.ts'
import { createErrorWriter, createJsonWriter, createLogWriter } from './log-writer.ts'
import type { LogOptions } from './log.ts'
import type { Settings } from './settings.ts'
import { describeStartError, messageOf } from './start-error.ts'
import { toNodeConfig, toServerConfig } from './to-config.ts'

/** npm passes on the signal that the terminal sent already: so close a second one is the same. */
const SAME_SIGNAL_MS = 300
const KILLED = 130

/** How the node speaks: to people, as JSON, or not at all. */
interface Output {
  readonly listener: NodeListener
  readonly banner: (facts: BannerFacts) => string
  /** Writes what is still held. */
  readonly flush: () => void
}

/**
 * Runs the node until SIGINT or SIGTERM; a second one ends the process at once.
 *
 * @returns the exit code: 0 after a signal, 1 when the node could not start or stop.
 */
export async function runNode(
  loaded: Extract<LoadedSettings, { kind: 'loaded' }>,
): Promise<number> {
  const { settings } = loaded
  const stopped = waitForSignal()
  const output = chooseOutput(settings)
  const server = toServerConfig(settings)
  const started = await Promise.race([startNode(settings, server), stopped])
  // What is half made needs no closing: the process ends now, and a store outlives that.
  if (started === undefined) return KILLED
  if (started.kind === 'failed') return fail(started.error, server, settings)
  const { node, host, port } = started
  const gas = settings.gasReport === true ? new GasReport() : undefined
  try {
    const genesis = await readGenesis(node)
    const { config, accounts } = node
    if (settings.configOut !== undefined) {
      const content = configObject({ config, accounts, genesis })
      writeFileSync(settings.configOut, JSON.stringify(content))
    }
    const described = node.describe()
    const { ipcPath, ui } = server
    const version = VERSION
    const facts = { version, config, accounts, described, genesis, host, port, ipcPath, ui }
    const warnings = [...loaded.notes, ...(await findWarnings(settings, host))]
    for (const text of warnings) output.listener({ kind: 'notice', level: 'warn', text })
    node.listen(output.listener, settings.quiet === true ? 'notices' : 'everything')
    if (gas !== undefined) node.listen(gas.listener)
    outliveBugs(output.listener)
    output.flush()
    process.stdout.write(output.banner(facts))
  } catch (error) {
    await node.close()
    return fail(error, server, settings)
  }
  await stopped
  const code = await stopNode(node)
  output.flush()
  if (gas !== undefined) process.stdout.write(gas.render())
  return code
}

type Started =
  | {
      readonly kind: 'started'
      readonly node: HeddleNode
      readonly host: string
      readonly port: number
    }
  | { readonly kind: 'failed'; readonly error: unknown }

async function startNode(settings: Partial<Settings>, server: ServerConfig): Promise<Started> {
  let node: HeddleNode | undefined
  try {
    const { createNode } = await import('../node/create-node.ts')
    node = await createNode(await toNodeConfig(settings))
    const { host, port } = await node.serve(server)
    return { kind: 'started', node, host, port }
  } catch (error) {
    await node?.close()
    return { kind: 'failed', error }
  }
}

async function stopNode(node: HeddleNode): Promise<number> {
  try {
    await node.close()
    return 0
  } catch (error) {
    process.stderr.write(`heddle: stopping failed: ${messageOf(error)}\n`)
    return 1
  }
}

function fail(error: unknown, server: ServerConfig, settings: Partial<Settings>): number {
  process.stderr.write(`heddle: ${describeStartError(error, server)}\n`)
  const isVerbose = (settings.verbosity ?? 0) > 0
  if (isVerbose && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`)
  return 1
}

/** A bug in one answer or timer is told and must not take the chain away from its user. */
function outliveBugs(listener: NodeListener): void {
  const tell = (error: unknown): void => {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
    listener({ kind: 'notice', level: 'error', text: `a bug: ${detail}` })
  }
  process.on('uncaughtException', tell)
  process.on('unhandledRejection', tell)
}

function waitForSignal(): Promise<undefined> {
  return new Promise((resolve) => {
    let firstMs: number | undefined
    const stop = (): void => {
      if (firstMs !== undefined && performance.now() - firstMs > SAME_SIGNAL_MS) {
        process.exit(KILLED)
      }
      firstMs ??= performance.now()
      resolve(undefined)
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
  })
}

function chooseOutput(settings: Partial<Settings>): Output {
  const isColored = wantsColor(settings.color, process.env, process.stdout.isTTY)
  const options: LogOptions = {
    colors: createColors(isColored),
    verbose: (settings.verbosity ?? 0) > 0,
    consoleLog: settings.disableConsoleLog !== true,
  }
  if (settings.quiet === true) {
    const listener = createErrorWriter(process.stderr, options)
    return { listener, banner: () => '', flush: () => undefined }
  }
  const stdout = new GatheredStream(process.stdout)
  const flush = (): void => stdout.flush()
  if (settings.json === true) {
    const banner = (facts: BannerFacts): string => `${JSON.stringify(bannerObject(facts))}\n`
    return { listener: createJsonWriter(stdout), banner, flush }
  }
  const banner = (facts: BannerFacts): string => renderBanner(facts, options.colors)
  return { listener: createLogWriter(stdout, options), banner, flush }
}

async function findWarnings(settings: Partial<Settings>, host: string): Promise<string[]> {
  const { mnemonic } = settings
  const oddity =
    mnemonic === undefined || mnemonic === DEV_MNEMONIC ? undefined : await mnemonicOddity(mnemonic)
  const warnings = oddity === undefined ? [] : [`the mnemonic is unusual: ${oddity}`]
  if (!isLoopback(host)) {
    warnings.push(
      `${host} can be reached from other machines, and whoever calls may spend from the unlocked ` +
        'accounts (use --host 127.0.0.1)',
    )
  }
  return warnings
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

async function readGenesis(node: HeddleNode): Promise<GenesisFacts> {
  const chainId = await node.request({ method: 'eth_chainId' })
  // A fork begins with another chain's block.
  const first = node.describe().fork === undefined ? 'earliest' : 'latest'
  const found = await node.request({ method: 'eth_getBlockByNumber', params: [first, false] })
  const block = found as Readonly<Record<'number' | 'timestamp' | 'gasLimit', string>> & {
    readonly baseFeePerGas?: string
  }
  const balances = await Promise.all(
    node.accounts.map(({ address }) =>
      node.request({ method: 'eth_getBalance', params: [address, 'latest'] }),
    ),
  )
  return {
    balancesWei: balances.map((balance) => BigInt(balance as string)),
    chainId: BigInt(chainId as string),
    number: BigInt(block.number),
    timestamp: BigInt(block.timestamp),
    gasLimit: BigInt(block.gasLimit),
    baseFeeWei: block.baseFeePerGas === undefined ? undefined : BigInt(block.baseFeePerGas),
  }
}
