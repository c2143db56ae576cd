import { BLOB_PARAMS, type ChainConfig } from './fork.ts'

/** Ethereum's mainnet, up to Osaka and the blob-parameter-only forks after it (EIP-7892). */
export const MAINNET: ChainConfig = {
  chainId: 1n,
  daoBlock: 1_920_000n,
  forks: [
    { fork: 'frontier', atBlock: 0n },
    { fork: 'homestead', atBlock: 1_150_000n },
    { fork: 'tangerineWhistle', atBlock: 2_463_000n },
    { fork: 'spuriousDragon', atBlock: 2_675_000n },
    { fork: 'byzantium', atBlock: 4_370_000n },
    { fork: 'constantinople', atBlock: 7_280_000n },
    { fork: 'petersburg', atBlock: 7_280_000n },
    { fork: 'istanbul', atBlock: 9_069_000n },
    { fork: 'muirGlacier', atBlock: 9_200_000n },
    { fork: 'berlin', atBlock: 12_244_000n },
    { fork: 'london', atBlock: 12_965_000n },
    { fork: 'arrowGlacier', atBlock: 13_773_000n },
    { fork: 'grayGlacier', atBlock: 15_050_000n },
    { fork: 'paris', atBlock: 15_537_394n },
    { fork: 'shanghai', atTime: 1_681_338_455n },
    { fork: 'cancun', atTime: 1_710_338_135n },
    { fork: 'prague', atTime: 1_746_612_311n },
    { fork: 'osaka', atTime: 1_764_798_551n },
  ],
  blobs: [
    { name: 'cancun', atTime: 1_710_338_135n, params: BLOB_PARAMS.cancun },
    { name: 'prague', atTime: 1_746_612_311n, params: BLOB_PARAMS.prague },
    { name: 'osaka', atTime: 1_764_798_551n, params: BLOB_PARAMS.osaka },
    {
      name: 'bpo1',
      atTime: 1_765_290_071n,
      params: { target: 10, max: 15, baseFeeUpdateFraction: 8_346_193n },
    },
    {
      name: 'bpo2',
      atTime: 1_767_747_671n,
      params: { target: 14, max: 21, baseFeeUpdateFraction: 11_684_671n },
    },
  ],
  depositContract: '0x00000000219ab540356cbb839cbe05303d7705fa',
}
