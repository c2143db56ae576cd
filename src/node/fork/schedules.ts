import {
  BLOB_PARAMS,
  type BlobParams,
  type ChainConfig,
  type ForkName,
  FORKS,
} from '../../model/fork.ts'
import type { Header } from '../../model/block.ts'
import { MAINNET } from '../../model/mainnet.ts'

/** Which rules hold when on chains that many fork. What a chain has beyond Ethereum's rules is not there. */

const BPO1: BlobParams = { target: 10, max: 15, baseFeeUpdateFraction: 8_346_193n }
const BPO2: BlobParams = { target: 14, max: 21, baseFeeUpdateFraction: 11_684_671n }

/** Timestamps of forks since Shanghai; what came before them holds from the beginning. */
interface Since {
  readonly shanghai: bigint
  readonly cancun: bigint
  readonly prague?: bigint
  readonly osaka?: bigint
  readonly bpo1?: bigint
  readonly bpo2?: bigint
  readonly depositContract?: `0x${string}`
}

/** Ethereum's test networks, from their clients' configurations; others by the Ethereum rules that their upgrades brought. */
const SINCE: ReadonlyMap<bigint, Since> = new Map<bigint, Since>([
  [
    11_155_111n, // Sepolia
    {
      shanghai: 1_677_557_088n,
      cancun: 1_706_655_072n,
      prague: 1_741_159_776n,
      osaka: 1_760_427_360n,
      bpo1: 1_761_017_184n,
      bpo2: 1_761_607_008n,
      depositContract: '0x7f02c3e3c98b133055b8b348b2ac625669ed295d',
    },
  ],
  [
    17_000n, // Holesky
    {
      shanghai: 1_696_000_704n,
      cancun: 1_707_305_664n,
      prague: 1_740_434_112n,
      osaka: 1_759_308_480n,
      bpo1: 1_759_800_000n,
      bpo2: 1_760_389_824n,
      depositContract: '0x4242424242424242424242424242424242424242',
    },
  ],
  [
    560_048n, // Hoodi
    {
      shanghai: 0n,
      cancun: 0n,
      prague: 1_742_999_832n,
      osaka: 1_761_677_592n,
      bpo1: 1_762_365_720n,
      bpo2: 1_762_955_544n,
      depositContract: '0x00000000219ab540356cbb839cbe05303d7705fa',
    },
  ],
  // OP Mainnet and Base: Canyon, Ecotone, Isthmus
  [10n, { shanghai: 1_704_992_401n, cancun: 1_710_374_401n, prague: 1_746_806_401n }],
  [8_453n, { shanghai: 1_704_992_401n, cancun: 1_710_374_401n, prague: 1_746_806_401n }],
  // Arbitrum One
  [42_161n, { shanghai: 1_708_804_873n, cancun: 1_710_424_089n }],
])

/** The schedule of a chain that is known here. */
export function knownSchedule(chainId: bigint): ChainConfig | undefined {
  if (chainId === MAINNET.chainId) return MAINNET
  const since = SINCE.get(chainId)
  return since && scheduleOf(chainId, since)
}

function scheduleOf(chainId: bigint, since: Since): ChainConfig {
  const before = FORKS.slice(0, FORKS.indexOf('shanghai'))
  const later = (['shanghai', 'cancun', 'prague', 'osaka'] as const).flatMap((fork) => {
    const atTime = since[fork]
    return atTime === undefined ? [] : [{ fork, atTime }]
  })
  const params = { ...BLOB_PARAMS, bpo1: BPO1, bpo2: BPO2 }
  const blobs = (['cancun', 'prague', 'osaka', 'bpo1', 'bpo2'] as const).flatMap((name) => {
    const atTime = since[name]
    return atTime === undefined ? [] : [{ name, atTime, params: params[name] }]
  })
  return {
    chainId,
    forks: [...before.map((fork) => ({ fork, atBlock: 0n })), ...later],
    blobs,
    depositContract: since.depositContract,
  }
}

/** What a header shows of the rules that it was made by: the newest fork that it can be of. */
export function forkShownBy(header: Header, newest: ForkName): ForkName {
  if (header.baseFeePerGasWei === undefined) return 'berlin'
  if (header.difficulty !== 0n) return 'london'
  if (header.withdrawalsRoot === undefined) return 'paris'
  if (header.parentBeaconBlockRoot === undefined) return 'shanghai'
  if (header.requestsHash === undefined) return 'cancun'
  return FORKS.indexOf(newest) < FORKS.indexOf('prague') ? 'prague' : newest
}
