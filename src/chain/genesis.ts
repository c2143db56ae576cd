import { headerHash } from '../model/codec/header.ts'
import { blockSize } from '../model/codec/block.ts'
import type { Block, Header } from '../model/block.ts'
import type { ChainConfig, ForkName } from '../model/fork.ts'
import { INITIAL_BASE_FEE_WEI } from '../model/fees.ts'
import { isActive, rulesAt } from '../model/fork.ts'
import type { Address } from '../primitives/hex.ts'
import { ZERO_ADDRESS, ZERO_HASH } from '../primitives/hex.ts'
import { EMPTY_LIST_HASH, EMPTY_ROOT } from '../primitives/keccak.ts'
import type { CodeStore } from '../state/codes.ts'
import type { GenesisAccount, GenesisAlloc, Version } from '../state/world.ts'
import { versionFromGenesis } from '../state/world.ts'
import { EMPTY_REQUESTS_HASH } from '../model/codec/requests.ts'
import { predeploys } from './predeploys.ts'

/** What a chain starts from. Fields of the header that forks add are filled in by the rules. */
export interface GenesisSpec {
  readonly config: ChainConfig
  readonly alloc: GenesisAlloc
  readonly header: GenesisHeader
}

/** What a genesis names of its header; the rest follows from the rules and the alloc. */
type GenesisHeader = Pick<Header, 'number' | 'gasLimit' | 'timestamp'> &
  Partial<Pick<Header, 'beneficiary' | 'difficulty' | 'extraData' | 'mixHash' | 'nonce'>> & {
    readonly baseFeePerGasWei?: bigint | undefined
    readonly excessBlobGas?: bigint | undefined
    readonly blobGasUsed?: bigint | undefined
  }

/** The genesis block and its state. New code goes to `codes`. @param world an empty version: where the state will live */
export function createGenesis(
  spec: GenesisSpec,
  codes: CodeStore,
  world?: Version,
): { readonly block: Block; readonly version: Version } {
  const version = versionFromGenesis(spec.alloc, codes, world)
  const header = genesisHeader(spec, version)
  const isShanghai = header.withdrawalsRoot !== undefined
  const body = { header, transactions: [], ommers: [], withdrawals: isShanghai ? [] : undefined }
  return { block: { ...body, hash: headerHash(header), sizeBytes: blockSize(body) }, version }
}

function genesisHeader({ config, header }: GenesisSpec, version: Version): Header {
  const rules = rulesAt(config, header.number, header.timestamp)
  const cancun = isActive(rules, 'cancun')
  return {
    parentHash: ZERO_HASH,
    ommersHash: EMPTY_LIST_HASH,
    beneficiary: header.beneficiary ?? ZERO_ADDRESS,
    stateRoot: version.stateRoot,
    transactionsRoot: EMPTY_ROOT,
    receiptsRoot: EMPTY_ROOT,
    logsBloom: new Uint8Array(256),
    difficulty: header.difficulty ?? 0n,
    number: header.number,
    gasLimit: header.gasLimit,
    gasUsed: 0n,
    timestamp: header.timestamp,
    extraData: header.extraData ?? new Uint8Array(0),
    mixHash: header.mixHash ?? ZERO_HASH,
    nonce: header.nonce ?? new Uint8Array(8),
    baseFeePerGasWei: isActive(rules, 'london')
      ? (header.baseFeePerGasWei ?? INITIAL_BASE_FEE_WEI)
      : undefined,
    withdrawalsRoot: isActive(rules, 'shanghai') ? EMPTY_ROOT : undefined,
    blobGasUsed: cancun ? (header.blobGasUsed ?? 0n) : undefined,
    excessBlobGas: cancun ? (header.excessBlobGas ?? 0n) : undefined,
    parentBeaconBlockRoot: cancun ? ZERO_HASH : undefined,
    requestsHash: isActive(rules, 'prague') ? EMPTY_REQUESTS_HASH : undefined,
    // EIP-7928: the list of a block that touches nothing is the empty list.
    blockAccessListHash: isActive(rules, 'amsterdam') ? EMPTY_LIST_HASH : undefined,
    slotNumber: isActive(rules, 'amsterdam') ? 0n : undefined,
  }
}

/** The accounts a dev chain starts with: funded ones, the protocol's contracts and the CREATE2 deployer. */
export function devAlloc(options: {
  readonly fork: ForkName
  /** Accounts with their ether, in wei. */
  readonly funded: ReadonlyMap<Address, bigint>
  readonly create2Deployer: boolean
}): GenesisAlloc {
  const alloc = new Map<Address, GenesisAccount>()
  for (const { address, code } of predeploys(options.fork, options.create2Deployer)) {
    alloc.set(address, { balanceWei: 0n, nonce: 1n, code })
  }
  for (const [address, balanceWei] of options.funded) alloc.set(address, { balanceWei })
  return alloc
}
