import {
  type Abi,
  type AbiParameter,
  type Hex,
  decodeAbiParameters,
  decodeEventLog,
  erc1155Abi,
  erc20Abi,
  erc721Abi,
  toEventSelector,
  toFunctionSelector,
} from 'viem'
import { formatAbiItem } from 'viem/utils'

/** A value with what the ABI says of it. */
export interface Argument {
  readonly name: string
  readonly parameter: AbiParameter
  readonly value: unknown
}

export interface Decoded {
  readonly name: string
  readonly args: readonly Argument[]
}

const STANDARDS: Abi = [...erc20Abi, ...erc721Abi, ...erc1155Abi]
const BUILT_IN: Abi = [
  { type: 'error', name: 'Error', inputs: [{ name: 'message', type: 'string' }] },
  { type: 'error', name: 'Panic', inputs: [{ name: 'code', type: 'uint256' }] },
]

/** A call by the contract's ABI, else by well-known ones; undefined when none has its selector, or its data are not as it says. */
export function decodeCall(abi: Abi, data: Hex): Decoded | undefined {
  return decodeBySelector('function', [...abi, ...STANDARDS], data)
}

/** What a call gave back, by the function that was called. */
export function decodeOutput(abi: Abi, input: Hex, output: Hex): readonly Argument[] | undefined {
  const item = findBySelector('function', [...abi, ...STANDARDS], input)
  return item?.type === 'function' ? decodeList(item.outputs, output) : undefined
}

/** A custom error, `Error(string)` or `Panic(uint256)`. */
export function decodeError(abi: Abi, data: Hex): Decoded | undefined {
  return decodeBySelector('error', [...abi, ...BUILT_IN], data)
}

/** A log by its first topic. */
export function decodeLog(
  abi: Abi,
  { topics, data }: { readonly topics: readonly Hex[]; readonly data: Hex },
): Decoded | undefined {
  for (const item of [...abi, ...STANDARDS]) {
    if (item.type !== 'event' || toEventSelector(item) !== topics[0]) continue
    try {
      const { args } = decodeEventLog({ abi: [item], topics: topics as [Hex], data })
      const values = args as unknown as Readonly<Record<string, unknown>>
      return {
        name: item.name,
        args: item.inputs.map((parameter, index) => ({
          name: parameter.name ?? '',
          parameter,
          value: Array.isArray(values) ? values[index] : values[parameter.name ?? ''],
        })),
      }
    } catch {
      // Others index other parameters of the same event: ERC-721's Transfer and ERC-20's.
    }
  }
  return undefined
}

function findBySelector(type: 'function' | 'error', abi: Abi, data: Hex) {
  const selector = data.slice(0, 10).toLowerCase()
  for (const item of abi) {
    if ((item.type !== 'function' && item.type !== 'error') || item.type !== type) continue
    if (toFunctionSelector(formatAbiItem(item)) === selector) return item
  }
  return undefined
}

function decodeBySelector(type: 'function' | 'error', abi: Abi, data: Hex): Decoded | undefined {
  if (data.length < 10) return undefined
  const item = findBySelector(type, abi, data)
  const args = item && decodeList(item.inputs, `0x${data.slice(10)}`)
  return item && args && { name: item.name, args }
}

function decodeList(
  parameters: readonly AbiParameter[],
  data: Hex,
): readonly Argument[] | undefined {
  if (parameters.length === 0) return []
  try {
    const values = decodeAbiParameters(parameters, data) as readonly unknown[]
    return parameters.map((parameter, index) => ({
      name: parameter.name ?? '',
      parameter,
      value: values[index],
    }))
  } catch {
    return undefined
  }
}
