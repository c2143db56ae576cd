import { type Rejection, describeRejection } from '../model/rejection.ts'
import type { SimulationFault } from '../model/simulation.ts'
import { CODE, RpcError, SIMULATION_CODE } from './error.ts'

/** The error for a simulation that could not be, with the code that execution-apis gives it. */
export function simulationError(fault: SimulationFault): RpcError {
  switch (fault.kind) {
    case 'numberOrder':
      return new RpcError(
        SIMULATION_CODE.numberOrder,
        `block numbers must be in order: ${fault.number} <= ${fault.previous}`,
      )
    case 'timestampOrder':
      return new RpcError(
        SIMULATION_CODE.timestampOrder,
        `block timestamps must be in order: ${fault.timestamp} <= ${fault.previous}`,
      )
    case 'tooManyBlocks':
      return limitError(`too many blocks: at most ${fault.limit} on top of the base block`)
    case 'tooManyCalls':
      return limitError(`too many calls: ${fault.count} > ${fault.limit}`)
    case 'gasSpent':
      return limitError(`gas cap exhausted: all calls together may use ${fault.limit} gas`)
    case 'movedOntoItself':
      return new RpcError(
        SIMULATION_CODE.movedOntoItself,
        `precompile ${fault.address} cannot be moved to itself`,
      )
    case 'notPrecompile':
      return new RpcError(CODE.server, `account ${fault.address} is not a precompile`)
    case 'movedOntoOverride':
      return new RpcError(CODE.server, `account ${fault.address} is already overridden`)
    case 'rejected':
      return new RpcError(codeOf(fault.rejection), `err: ${describeRejection(fault.rejection)}`)
    case 'invalidBlock':
      return new RpcError(CODE.server, `invalid block: ${fault.detail}`)
  }
}

function limitError(message: string): RpcError {
  return new RpcError(SIMULATION_CODE.limitExceeded, message)
}

function codeOf(rejection: Rejection): number {
  switch (rejection.kind) {
    case 'nonceTooLow':
      return SIMULATION_CODE.nonceTooLow
    case 'nonceTooHigh':
      return SIMULATION_CODE.nonceTooHigh
    case 'feeCapBelowBaseFee':
    case 'blobFeeCapTooLow':
      return SIMULATION_CODE.feeTooLow
    case 'intrinsicGasTooLow':
    case 'floorGasTooLow':
      return SIMULATION_CODE.intrinsicGas
    case 'insufficientFunds':
    case 'reserveExceeded':
      return SIMULATION_CODE.insufficientFunds
    case 'gasLimitAboveBlock':
    case 'blobGasAboveBlock':
    case 'blockFull':
      return SIMULATION_CODE.blockGasLimit
    case 'senderHasCode':
      return SIMULATION_CODE.senderHasCode
    case 'initCodeTooLarge':
      return SIMULATION_CODE.initCodeTooLarge
    case 'tipAboveFeeCap':
    case 'blobCount':
    case 'blobVersion':
    case 'emptyAuthorizationList':
    case 'typeNotSupported':
    case 'wrongChainId':
      return CODE.invalidParams
    // Whatever else keeps a call out, as Geth has it.
    case 'nonceMax':
    case 'gasLimitAboveCap':
    case 'invalid':
      return CODE.internal
  }
}
