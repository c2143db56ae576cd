import { escapeControls } from '../evm/tracer/console-format.ts'
import { readRevertReason } from '../evm/tracer/revert-reason.ts'
import { type AbiParameter, type AbiValue, decodeAbi } from '../primitives/abi.ts'
import { checksumAddress } from '../primitives/checksum.ts'
import { type Address, type Hex, bytesToHex, parseAddress } from '../primitives/hex.ts'
import type { ArtefactContract } from './artefact-files.ts'
import type { Artefacts } from './artefacts.ts'
import { knownError, knownFunction } from './known-signatures.ts'

/** What people read of a transaction: names instead of selectors, from the artefacts that are loaded. */

export interface LabelledCall {
  /** null creates a contract. */
  readonly to: Address | null
  /** The code that runs at `to`, an EIP-7702 delegation followed; none for an account without. */
  readonly code: Uint8Array
  /** Call data, or init code. */
  readonly data: Uint8Array
  readonly valueWei: bigint
}

const ETHER = 10n ** 18n
/** A custom error's text may be as long as its contract likes. */
const MAX_TEXT = 1_000

/**
 * `Token.transfer`, `Token (new)`, `transfer 1.5 ETH`; `0x5fbd…0aa3.transfer` for a contract without an artefact,
 * and the selector where nothing names it.
 */
export function labelCall(call: LabelledCall, artefacts: Artefacts): string {
  const { to, code, data } = call
  if (to === null) return `${artefacts.byCreation(data)?.name ?? 'contract'} (new)`
  if (code.length === 0) return labelWithoutCode(to, data, call.valueWei, artefacts)
  const contract = artefacts.byRuntime(code)
  const name = contract?.name ?? shortAddress(to)
  if (data.length < 4) return `${name}.${data.length === 0 ? 'receive' : 'fallback'}`
  const selector = selectorIn(data)
  const called = functionName(selector, contract, artefacts)
  if (called === undefined && contract === undefined) return selector
  return `${name}.${called ?? selector}`
}

/**
 * Why a call failed, in the words of its contract: `execution reverted: boom`,
 * `execution reverted: InsufficientBalance(10, 20)`, `execution reverted: panic 0x11 (arithmetic underflow or overflow)`.
 * @param output revert data
 * @param code that of the contract that was called, whose own errors come first
 */
export function decodeFailure(output: Uint8Array, artefacts: Artefacts, code?: Uint8Array): string {
  const words = failureWords(output, artefacts, code)
  return words === '' ? 'execution reverted' : `execution reverted: ${words}`
}

function failureWords(output: Uint8Array, artefacts: Artefacts, code?: Uint8Array): string {
  const reason = readRevertReason(output)
  if (reason?.kind === 'error') return shorten(escapeControls(reason.message))
  if (reason?.kind === 'panic') return `panic 0x${reason.code.toString(16)} (${reason.words})`
  if (output.length < 4) return output.length === 0 ? '' : bytesToHex(output)
  const named = customErrorText(output, artefacts, code)
  if (named !== undefined) return named
  const rest = output.length > 4 ? `: ${bytesToHex(output.subarray(4)).slice(2)}` : ''
  return shorten(`custom error ${selectorIn(output)}${rest}`)
}

/** `InsufficientBalance(10, 20)`; undefined when revert data is of no custom error that is known. */
export function customErrorText(
  output: Uint8Array,
  artefacts: Artefacts,
  code?: Uint8Array,
): string | undefined {
  if (output.length < 4) return undefined
  const selector = selectorIn(output)
  const contract = code && artefacts.byRuntime(code)
  const candidates = [
    contract?.errors.get(selector),
    artefacts.errorOf(selector),
    knownError(selector),
  ]
  for (const candidate of candidates) {
    const values = candidate && decodeAbi(candidate.inputs, output.subarray(4))
    if (candidate !== undefined && values !== undefined) {
      return shorten(`${candidate.name}${formatList(candidate.inputs, values)}`)
    }
  }
  return undefined
}

/** `1.5` for 1500000000000000000 wei */
export function formatEther(wei: bigint): string {
  const fraction = (wei % ETHER).toString().padStart(18, '0').replace(/0+$/, '')
  return fraction === '' ? `${wei / ETHER}` : `${wei / ETHER}.${fraction}`
}

/** What a call of an account without code is: a transfer, a precompile. */
export function labelWithoutCode(
  to: Address,
  data: Uint8Array,
  valueWei: bigint,
  artefacts: Artefacts,
): string {
  const precompile = PRECOMPILES.get(to)
  if (precompile !== undefined) return precompile
  if (data.length < 4) return `transfer ${formatEther(valueWei)} ETH`
  const selector = selectorIn(data)
  const called = functionName(selector, undefined, artefacts) ?? selector
  return `${shortAddress(to)}.${called} (no code there)`
}

function functionName(
  selector: Hex,
  contract: ArtefactContract | undefined,
  artefacts: Artefacts,
): string | undefined {
  const own = contract?.functions.get(selector)
  return (own ?? artefacts.functionOf(selector) ?? knownFunction(selector))?.name
}

function selectorIn(data: Uint8Array): Hex {
  return bytesToHex(data.subarray(0, 4))
}

/** `0x5fbd…0aa3` */
export function shortAddress(address: Address): string {
  const text = checksumAddress(address)
  return `${text.slice(0, 6)}…${text.slice(-4)}`
}

/** Values in brackets, as they would stand in Solidity. */
export function formatList(
  parameters: readonly AbiParameter[],
  values: readonly AbiValue[],
): string {
  return `(${parameters.map((parameter, at) => formatValue(parameter, values[at]!)).join(', ')})`
}

/** As it would stand in Solidity: text in quotes, addresses with their capitals. */
function formatValue(parameter: AbiParameter, value: AbiValue): string {
  const { type } = parameter
  if (typeof value === 'object') {
    const item = /^(.*)\[\d*\]$/.exec(type)?.[1]
    if (item === undefined) return formatList(parameter.components ?? [], value)
    const items = value.map((each) => formatValue({ ...parameter, type: item }, each))
    return `[${items.join(', ')}]`
  }
  if (typeof value !== 'string') return value.toString()
  if (type === 'string') return JSON.stringify(value)
  return type === 'address' ? checksumAddress(parseAddress(value)) : value
}

function shorten(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
}

const PRECOMPILES: ReadonlyMap<Address, string> = new Map(
  (
    [
      [0x01, 'ecrecover'],
      [0x02, 'sha256'],
      [0x03, 'ripemd160'],
      [0x04, 'identity'],
      [0x05, 'modexp'],
      [0x06, 'ecAdd'],
      [0x07, 'ecMul'],
      [0x08, 'ecPairing'],
      [0x09, 'blake2f'],
      [0x0a, 'pointEvaluation'],
      [0x0b, 'bls12G1Add'],
      [0x0c, 'bls12G1Msm'],
      [0x0d, 'bls12G2Add'],
      [0x0e, 'bls12G2Msm'],
      [0x0f, 'bls12Pairing'],
      [0x10, 'bls12MapFpToG1'],
      [0x11, 'bls12MapFp2ToG2'],
      [0x100, 'p256Verify'],
    ] as const
  ).map(([number, name]) => [parseAddress(`0x${number.toString(16).padStart(40, '0')}`), name]),
)
