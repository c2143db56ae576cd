import { DEFAULT_NODE_CONFIG } from '../../node/defaults.ts'
import { integer, quantity, yesNo } from '../readers.ts'
import type { FeeSettings } from '../settings.ts'
import type { OptionSpecs } from './spec.ts'

const U64_MAX = 2n ** 64n - 1n
const U128_MAX = 2n ** 128n - 1n
const node = DEFAULT_NODE_CONFIG

/** Fees, and limits of blocks and transactions. */
export const FEE_OPTIONS: OptionSpecs<FeeSettings> = {
  blockBaseFeePerGas: {
    group: 'Fees and limits:',
    flags: '--block-base-fee-per-gas <wei>',
    aliases: ['base-fee'],
    help: 'base fee of the genesis block, of which the first mined one has 7/8; on a fork, of the first mined one (default 1000000000; also --base-fee)',
    read: quantity(0n, U64_MAX),
  },
  gasPrice: {
    group: 'Fees and limits:',
    flags: '--gas-price <wei>',
    help: `what eth_gasPrice answers before London (default ${node.gasPriceWei})`,
    read: quantity(0n, U128_MAX),
  },
  gasLimit: {
    group: 'Fees and limits:',
    flags: '--gas-limit <gas>',
    aliases: ['dev.gaslimit'],
    help: `gas limit of a block (default ${node.gasLimit})`,
    read: quantity(1n, U64_MAX),
  },
  disableBlockGasLimit: {
    group: 'Fees and limits:',
    flags: '--disable-block-gas-limit',
    help: 'blocks take any amount of gas',
    read: yesNo,
  },
  enableTxGasLimit: {
    group: 'Fees and limits:',
    flags: '--enable-tx-gas-limit',
    aliases: ['tx-gas-limit'],
    help: "hold transactions to EIP-7825's 16777216 gas (Osaka)",
    read: yesNo,
  },
  disableMinPriorityFee: {
    group: 'Fees and limits:',
    flags: '--disable-min-priority-fee',
    aliases: ['no-priority-fee'],
    help: 'suggest no least tip',
    read: yesNo,
  },
  codeSizeLimit: {
    group: 'Fees and limits:',
    flags: '--code-size-limit <bytes>',
    help: "most bytes of a contract's code, EIP-170 (default 24576)",
    read: integer(0, 2 ** 30),
  },
  disableCodeSizeLimit: {
    group: 'Fees and limits:',
    flags: '--disable-code-size-limit',
    help: 'contracts may be of any size',
    read: yesNo,
  },
  disablePoolBalanceChecks: {
    group: 'Fees and limits:',
    flags: '--disable-pool-balance-checks',
    help: 'take transactions that the sender cannot pay',
    read: yesNo,
  },
}
