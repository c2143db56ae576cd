import type { DevChain } from '../chain/dev-chain.ts'
import type { BlockSettings } from '../chain/settings.ts'
import type { ClockState } from '../chain/clock.ts'
import type { WriteBehind } from '../chain/write-behind.ts'
import { bytesToHex, hexToBytes, parseAddress, parseHash } from '../primitives/hex.ts'
import type { Tweaks } from '../model/fork.ts'
import { EMPTY_BYTES } from '../primitives/bytes.ts'
import { KvError, type KvWrite } from '../store/kv.ts'
import type { MiningConfig, NodeConfig } from './config.ts'
import type { Miner } from './miner.ts'

/** What a data folder keeps besides the chain: what developers set while the node ran. */
export interface KeptSettings {
  readonly chainId: bigint
  /** Whom ecrecover names, by signature. */
  readonly signers: Tweaks['signers']
  readonly clock: ClockState
  readonly settings: BlockSettings
  readonly mining: MiningConfig
}

const KEY = Uint8Array.of(0x4b) // K

/** Goes into a new folder with its first block: a folder without it lacks what was set. */
export const NOTHING_SET: KvWrite = { key: KEY, value: EMPTY_BYTES }

/** What was set when the folder was last written; undefined in a new one. @throws {KvError} when it is missing or malformed */
export function readKeptSettings(disk: WriteBehind): KeptSettings | undefined {
  const bytes = disk.get(KEY)
  if (bytes === undefined) {
    throw new KvError('the record of what was set is missing in the data folder')
  }
  if (bytes.length === 0) return undefined
  try {
    return decode(JSON.parse(Buffer.from(bytes).toString()) as Wire)
  } catch (error) {
    throw new KvError('the settings in the data folder are malformed', { cause: error })
  }
}

/** Writes the settings to `disk`, now and whenever one changes. */
export function keepSettings(dev: DevChain, miner: Miner, disk: WriteBehind): void {
  let last = ''
  const save = (): void => {
    const text = JSON.stringify(encode(dev, miner))
    if (text === last) return
    last = text
    disk.put([{ key: KEY, value: Buffer.from(text) }])
  }
  save()
  miner.listen(save)
  dev.listen((event) => {
    if (event.kind === 'configured') save()
  })
}

/** Numbers as decimal text. */
interface Wire {
  readonly chainId: string
  readonly signers?: Readonly<Record<string, string>> | undefined
  readonly offset: string
  readonly next: string | undefined
  readonly interval: string | undefined
  readonly coinbase: string
  readonly gasLimit: string
  readonly nextBaseFee: string | undefined
  readonly nextPrevRandao: string | undefined
  /** Folders from before it was there lack it. */
  readonly extraData?: string
  readonly minGasPrice: string
  readonly impersonated: readonly string[]
  readonly autoImpersonate: boolean
  readonly automine: boolean
  readonly intervalMs: number
  /** When each interval is drawn. */
  readonly mostMs?: number | undefined
}

function encode({ chain, clock, settings }: DevChain, miner: Miner): Wire {
  const { offset, next, interval } = clock.state
  return {
    chainId: String(chain.config.chainId),
    signers: chain.config.tweaks?.signers,
    offset: String(offset),
    next: text(next),
    interval: text(interval),
    coinbase: settings.coinbase,
    gasLimit: String(settings.gasLimit),
    nextBaseFee: text(settings.nextBaseFeeWei),
    nextPrevRandao: settings.nextPrevRandao,
    extraData: bytesToHex(settings.extraData),
    minGasPrice: String(settings.minGasPriceWei),
    impersonated: [...settings.impersonated],
    autoImpersonate: settings.autoImpersonate,
    automine: miner.automine,
    intervalMs: miner.intervalMs,
    mostMs: miner.mostMs === miner.intervalMs ? undefined : miner.mostMs,
  }
}

function decode(wire: Wire): KeptSettings {
  return {
    chainId: BigInt(wire.chainId),
    signers: wire.signers && mapValues(wire.signers, parseAddress),
    clock: {
      offset: BigInt(wire.offset),
      next: number(wire.next),
      interval: number(wire.interval),
    },
    settings: {
      coinbase: parseAddress(wire.coinbase),
      gasLimit: BigInt(wire.gasLimit),
      nextBaseFeeWei: number(wire.nextBaseFee),
      nextPrevRandao:
        wire.nextPrevRandao === undefined ? undefined : parseHash(wire.nextPrevRandao),
      extraData: hexToBytes(wire.extraData ?? '0x'),
      withdrawals: [],
      minGasPriceWei: BigInt(wire.minGasPrice),
      impersonated: new Set(wire.impersonated.map(parseAddress)),
      autoImpersonate: wire.autoImpersonate,
    },
    mining: miningOf(wire),
  }
}

function miningOf({ automine, intervalMs, mostMs }: Wire): MiningConfig {
  if (mostMs !== undefined || intervalMs > 0) {
    return { kind: automine ? 'mixed' : 'interval', intervalMs, mostMs }
  }
  return { kind: automine ? 'auto' : 'manual' }
}

function mapValues<A, B>(
  from: Readonly<Record<string, A>>,
  change: (value: A) => B,
): Readonly<Record<string, B>> {
  return Object.fromEntries(Object.entries(from).map(([key, value]) => [key, change(value)]))
}

function text(value: bigint | undefined): string | undefined {
  return value === undefined ? undefined : String(value)
}

function number(value: string | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value)
}

/** What was kept, but for what the user asks for at this start. @param initial as they would be without anything kept */
export function withGiven(
  kept: BlockSettings,
  initial: BlockSettings,
  given: Partial<NodeConfig>,
): BlockSettings {
  const limited = given.gasLimit !== undefined || given.disableBlockGasLimit !== undefined
  return {
    ...kept,
    ...(limited && { gasLimit: initial.gasLimit }),
    ...(given.coinbase !== undefined && { coinbase: initial.coinbase }),
    ...(given.autoImpersonate !== undefined && { autoImpersonate: initial.autoImpersonate }),
  }
}
