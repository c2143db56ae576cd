import type { CallFields } from '../../model/call.ts'
import type {
  BlockStateCalls,
  SimulatedBlock,
  SimulatedBlockOverrides,
  SimulatedCall,
  SimulationRequest,
} from '../../model/simulation.ts'
import { bytesToHex, toQuantity } from '../../primitives/hex.ts'
import type { Json } from '../backend.ts'
import { CODE, invalidParams } from '../error.ts'
import { revertMessage } from '../revert.ts'
import { encodeBlock } from './block.ts'
import { callFields } from './call-fields.ts'
import { type Decoder, boolean, fieldsOf, listOf, mapped } from './decoder.ts'
import { type Encoder, listOut, objectOut } from './encoder.ts'
import { blockOverrides, stateOverrides } from './overrides.ts'
import { encodeLog } from './receipt.ts'
import { hash } from './scalar.ts'
import { withdrawal } from './withdrawal.ts'

/** A request of eth_simulateV1, and whether its answer shows whole transactions. */
export interface SimulationParams extends SimulationRequest {
  readonly full: boolean
}

const ownOverrides = fieldsOf({
  withdrawals: listOf(withdrawal),
  beaconRoot: hash,
  parentBeaconBlockRoot: hash,
})

/** What eth_call pretends of a block, and what only a whole block has. */
const simulatedBlockOverrides: Decoder<SimulatedBlockOverrides> = {
  schema: { allOf: [blockOverrides.schema, ownOverrides.schema] },
  decode(value, path) {
    const { withdrawals, beaconRoot, parentBeaconBlockRoot } = ownOverrides.decode(value, path)
    return {
      ...blockOverrides.decode(value, path),
      withdrawals,
      parentBeaconBlockRoot: parentBeaconBlockRoot ?? beaconRoot,
    }
  },
}

const blockStateCalls: Decoder<BlockStateCalls> = mapped(
  fieldsOf({ blockOverrides: simulatedBlockOverrides, stateOverrides, calls: listOf(callFields) }),
  (read) => ({ ...read, calls: read.calls ?? NO_CALLS }),
)

const NO_CALLS: readonly CallFields[] = []

/** The first parameter of eth_simulateV1. */
export const simulationParams: Decoder<SimulationParams> = mapped(
  fieldsOf({
    blockStateCalls: listOf(blockStateCalls),
    traceTransfers: boolean,
    validation: boolean,
    returnFullTransactions: boolean,
  }),
  (read, path) => {
    const blocks = read.blockStateCalls ?? []
    if (blocks.length === 0) throw invalidParams(`\`${path}.blockStateCalls\`: empty input`)
    return {
      blocks,
      traceTransfers: read.traceTransfers ?? false,
      validation: read.validation ?? false,
      full: read.returnFullTransactions ?? false,
    }
  },
)

/** A simulated block and whether its transactions are shown whole. */
export interface ShownBlock extends SimulatedBlock {
  readonly full: boolean
}

/** A block as eth_getBlockBy* has it, with what came of each of its calls. */
export const simulatedBlocksOut: Encoder<readonly ShownBlock[]> = listOut(
  objectOut('simulated block', ({ block, calls, full }) => {
    const encoded = encodeBlock({ block, pending: false }, full)
    return {
      ...encoded,
      ...(full && { transactions: withoutSignatures(encoded['transactions']) }),
      calls: encodeCalls({ block, calls }),
    }
  }),
)

/** A legacy transaction's `v` is never zero where one signed: here nobody did. */
function withoutSignatures(transactions: Json | undefined): Json {
  const list = transactions as readonly { readonly [key: string]: Json }[]
  return list.map((transaction) => ({ ...transaction, v: '0x0' }))
}

function encodeCalls({ block, calls }: SimulatedBlock): Json {
  let logIndex = 0
  return calls.map((call, transactionIndex) => ({
    returnData: call.outcome.kind === 'success' ? bytesToHex(call.outcome.output) : '0x',
    logs: call.logs.map((log) =>
      encodeLog({
        log,
        blockHash: block.hash,
        blockNumber: block.header.number,
        blockTimestamp: block.header.timestamp,
        transactionHash: block.transactions[transactionIndex]!.hash,
        transactionIndex,
        logIndex: logIndex++,
        removed: false,
      }),
    ),
    gasUsed: toQuantity(call.gasUsed),
    maxUsedGas: toQuantity(call.maxUsedGas),
    status: call.outcome.kind === 'success' ? '0x1' : '0x0',
    ...errorOf(call.outcome),
  }))
}

function errorOf(outcome: SimulatedCall['outcome']): { readonly error?: Json } {
  switch (outcome.kind) {
    case 'success':
      return {}
    case 'revert': {
      const message = revertMessage(outcome.output)
      return { error: { message, code: CODE.revert, data: bytesToHex(outcome.output) } }
    }
    case 'halt':
      return { error: { message: outcome.reason, code: CODE.vmError } }
  }
}
