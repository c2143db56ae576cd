import type { Colors } from 'picocolors/types.js'

import { networkRules } from '../model/network.ts'
import type { DevAccount, NodeConfig } from '../node/config.ts'
import { DEV_MNEMONIC } from '../node/defaults.ts'
import type { HeddleNode } from '../node/node.ts'
import { checksumAddress } from '../primitives/checksum.ts'
import { formatEther } from './format.ts'

/** As the chain has it: a genesis file or a kept chain decides, not the settings. */
export interface GenesisFacts {
  readonly chainId: bigint
  readonly number: bigint
  /** Seconds since 1970. */
  readonly timestamp: bigint
  readonly gasLimit: bigint
  /** Absent before London. */
  readonly baseFeeWei: bigint | undefined
  /** What each account holds now, in wei. */
  readonly balancesWei: readonly bigint[]
}

export interface BannerFacts {
  readonly version: string
  readonly config: NodeConfig
  readonly genesis: GenesisFacts
  readonly accounts: readonly DevAccount[]
  readonly described: ReturnType<HeddleNode['describe']>
  readonly host: string
  readonly port: number
  readonly ipcPath: string | undefined
  /** Whether browsers get the page. */
  readonly ui: boolean
}

const LOGO = String.raw`

     _              _     _ _
    | |__   ___  __| | __| | | ___
    | '_ \ / _ \/ _' |/ _' | |/ _ \
    | | | |  __/ (_| | (_| | |  __/
    |_| |_|\___|\__,_|\__,_|_|\___|
`
const LINE = '=================='

/** What the command prints when the node is up: Anvil's headings, which scripts read, then what this node runs on. */
export function renderBanner(facts: BannerFacts, colors: Colors): string {
  const { config, accounts, described, genesis } = facts
  const { mnemonic, derivationPath } = config.accounts
  const heading = (text: string): string => `${text}\n${LINE}\n`
  const section = (title: string, body: string): string => `${heading(title)}\n${body}\n\n`
  const numbered = (line: (account: DevAccount, index: number) => string): string =>
    accounts.map((account, index) => `(${index}) ${line(account, index)}\n`).join('')
  const balance = (index: number): string => formatEther(genesis.balancesWei[index] ?? 0n)
  const parts = [
    colors.green(LOGO),
    `\n    ${facts.version}\n    a local Ethereum dev chain\n\n`,
    `${heading('Available Accounts')}\n`,
    numbered(
      ({ address }, index) => `${colors.cyan(checksumAddress(address))} (${balance(index)} ETH)`,
    ),
    `\n${heading('Private Keys')}\n`,
    numbered(({ privateKey }) => colors.yellow(privateKey)),
    `\n${heading('Wallet')}Mnemonic:          ${mnemonic}\nDerivation path:   ${derivationPath}\n\n\n`,
    section('Chain ID', String(genesis.chainId)),
    forkSection(described),
    genesis.baseFeeWei === undefined
      ? section('Gas Price', String(config.gasPriceWei))
      : section('Base Fee', String(genesis.baseFeeWei)),
    section('Gas Limit', config.disableBlockGasLimit ? 'Disabled' : String(genesis.gasLimit)),
    section('Genesis Timestamp', String(genesis.timestamp)),
    section('Genesis Number', String(genesis.number)),
    `State:       ${described.storage}\n`,
    `Artefacts:   ${described.artefacts}\n`,
    described.timing === undefined ? '' : `Consensus:   ${described.timing}\n`,
    `Runs on:     ${runsOn(facts)}\n`,
    facts.ui ? `Page:        ${pageUrl(facts)}\n\n` : '\n',
    warnings(facts)
      .map((warning) => `${colors.yellow(warning)}\n\n`)
      .join(''),
    `Listening on ${endpoint(facts.host, facts.port)}\n`,
    facts.ipcPath === undefined ? '' : `Listening on ${facts.ipcPath}\n`,
  ]
  return parts.join('')
}

/** As Anvil shows it. */
function forkSection({ fork }: BannerFacts['described']): string {
  if (fork === undefined) return ''
  const lines = [
    `Endpoint:       ${fork.url}`,
    `Block number:   ${fork.blockNumber}`,
    `Block hash:     ${fork.blockHash}`,
    `Chain ID:       ${fork.chainId}`,
  ]
  return `Fork\n${LINE}\n${lines.join('\n')}\n\n`
}

/** The banner for machines: one object, wei as decimal text. */
export function bannerObject(facts: BannerFacts): Readonly<Record<string, unknown>> {
  const { config, genesis, accounts, described, version, host, port, ipcPath } = facts
  return {
    kind: 'listening',
    version,
    host,
    port,
    ...(ipcPath === undefined ? {} : { ipcPath }),
    ...(facts.ui ? { page: pageUrl(facts) } : {}),
    chainId: Number(genesis.chainId),
    hardfork: config.hardfork,
    ...(config.network === undefined ? {} : { network: config.network }),
    accounts: accounts.map(({ address, privateKey }, index) => ({
      address: checksumAddress(address),
      privateKey,
      balanceWei: String(genesis.balancesWei[index] ?? 0n),
    })),
    mnemonic: config.accounts.mnemonic,
    derivationPath: config.accounts.derivationPath,
    ...(genesis.baseFeeWei === undefined ? {} : { baseFeeWei: String(genesis.baseFeeWei) }),
    gasLimit: config.disableBlockGasLimit ? null : Number(genesis.gasLimit),
    genesisTimestamp: Number(genesis.timestamp),
    genesisNumber: Number(genesis.number),
    ...(described.fork && {
      fork: {
        url: described.fork.url,
        chainId: Number(described.fork.chainId),
        blockNumber: Number(described.fork.blockNumber),
        blockHash: described.fork.blockHash,
      },
    }),
    state: described.storage,
    rules: described.rules,
    ...(described.timing === undefined ? {} : { consensus: described.timing }),
    artefacts: described.artefacts,
    engine: described.engine,
    executor: described.executor,
    workers: config.workers,
    signatures: described.signatures,
    warnings: warnings(facts),
  }
}

/** The object that Anvil's `--config-out` writes. */
export function configObject(
  facts: Pick<BannerFacts, 'config' | 'accounts' | 'genesis'>,
): Readonly<Record<string, unknown>> {
  const { config, accounts, genesis } = facts
  return {
    available_accounts: accounts.map(({ address }) => address),
    private_keys: accounts.map(({ privateKey }) => privateKey),
    wallet: {
      mnemonic: config.accounts.mnemonic,
      derivation_path: config.accounts.derivationPath,
    },
    base_fee: String(genesis.baseFeeWei ?? 0n),
    gas_price: String(config.gasPriceWei),
    gas_limit: String(genesis.gasLimit),
    genesis_timestamp: String(genesis.timestamp),
  }
}

/** `127.0.0.1:8545`, `[::1]:8545` */
export function endpoint(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** By which a browser on this machine finds it. */
function pageUrl({ host, port }: BannerFacts): string {
  const isEvery = host === '0.0.0.0' || host === '::'
  return `http://${endpoint(isEvery ? '127.0.0.1' : host, port)}`
}

function runsOn({ described }: BannerFacts): string {
  const { rules, engine, executor, signatures } = described
  return `rules ${rules}; engine ${engine}; executor ${executor}; signatures ${signatures}`
}

function warnings({ config, described }: BannerFacts): string[] {
  const found: string[] = []
  if (config.accounts.mnemonic === DEV_MNEMONIC) {
    found.push(
      'WARNING: These accounts and their private keys are publicly known.\n' +
        'Any funds sent to them on a live network WILL BE LOST.',
    )
  }
  if (described.fork?.offline !== undefined) {
    found.push(
      `WARNING: Started from what was fetched before, since ${described.fork.offline}.\n` +
        'What was not fetched then is missing.',
    )
  }
  if (config.network !== undefined) {
    const { label, notModelled } = networkRules(config.network)
    found.push(
      `Of ${label} this chain has the rules of gas, without:\n  ${notModelled.join('\n  ')}`,
    )
  }
  if (described.rules.endsWith('(experimental)')) {
    found.push(`WARNING: The rules are those of ${described.rules}: they may still change.`)
  }
  return found
}
