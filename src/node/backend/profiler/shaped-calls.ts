import type { Abi, AbiFunction, AbiParameter } from 'viem'

import type { CallFields } from '../../../model/call.ts'
import { type Address, ZERO_ADDRESS, hexToBytes, parseAddress } from '../../../primitives/hex.ts'
import { type ArtefactContract, readAbi } from '../../artefact-files.ts'
import { jsonOf } from '../../artefacts.ts'

/** Who the calls are of, until a stand-in takes the place. */
const CALLER = parseAddress(`0xca11${'0'.repeat(35)}f`)
/** Arrays of a length that is fixed. */
const FIXED = /^(.*)\[(\d*)\]$/

/** A call of each function that changes something, with arguments by their types: the caller, one, true, nothing. */
export async function shapedCalls(
  artefact: ArtefactContract,
  contract: Address,
): Promise<
  readonly { readonly name: string; readonly tx: undefined; readonly call: CallFields }[]
> {
  const found = readAbi(await jsonOf(artefact), artefact)
  const abi = Array.isArray(found) ? (found as Abi) : []
  const { encodeFunctionData } = await import('viem')
  const functions = abi.filter(
    (item): item is AbiFunction =>
      item.type === 'function' &&
      (item.stateMutability === 'nonpayable' || item.stateMutability === 'payable'),
  )
  return functions
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((item) => {
      const args = item.inputs.map(valueOf)
      const data = encodeFunctionData({ abi: [item], functionName: item.name, args })
      const call = { from: CALLER, to: contract, data: hexToBytes(data), valueWei: 0n }
      return { name: `${artefact.name}.${item.name}`, tx: undefined, call }
    })
}

function valueOf(parameter: AbiParameter): unknown {
  const { type } = parameter
  const [, item, length] = FIXED.exec(type) ?? []
  if (item !== undefined) {
    return Array.from({ length: Number(length) }, () => valueOf({ ...parameter, type: item }))
  }
  if (type === 'tuple' && 'components' in parameter) return parameter.components.map(valueOf)
  if (type === 'address') return CALLER
  if (type === 'bool') return true
  if (type === 'string') return ''
  if (type === 'function') return `${ZERO_ADDRESS}00000000`
  const bytes = /^bytes(\d*)$/.exec(type)?.[1]
  if (bytes !== undefined) return `0x${'00'.repeat(Number(bytes))}`
  return Number(/\d+$/.exec(type)?.[0] ?? 256) > 48 ? 1n : 1
}
