import type { StoryFrame, StoryItem } from '../../evm/tracer/frame-story.ts'
import { decodeAbi } from '../../primitives/abi.ts'
import { type Hash, type Hex, bytesToHex } from '../../primitives/hex.ts'
import type { AbiEntry, ArtefactContract } from '../artefact-files.ts'
import type { Artefacts } from '../artefacts.ts'
import { knownFunction } from '../known-signatures.ts'
import {
  decodeFailure,
  formatEther,
  formatList,
  labelWithoutCode,
  shortAddress,
} from '../labels.ts'

/** What the lines of a tree are about. */
interface Names {
  readonly artefacts: Artefacts
  /** The code that a frame ran. */
  codeOf(frame: StoryFrame): Uint8Array
  contractOf(frame: StoryFrame): ArtefactContract | undefined
}

/** A line's data may be as long as its contract likes. */
const MAX_LINE = 400
/** Below this, wei are easier to read than ether. */
const SMALL_WEI = 10n ** 12n

/** Calls as a tree, one line each, with logs and console.log where they happened, as forge's `-vvvv` has it. */
export function renderCallTree(root: StoryFrame, names: Names): readonly string[] {
  const lines: string[] = []
  renderFrame(root, '', '', names, lines)
  return lines
}

function renderFrame(
  frame: StoryFrame,
  head: string,
  rest: string,
  names: Names,
  lines: string[],
): void {
  lines.push(cut(`${head}[${frame.gasUsed}] ${labelOf(frame, names)}`))
  for (const item of frame.items) {
    if (item.kind === 'frame') {
      renderFrame(item.frame, `${rest}  ├─ `, `${rest}  │ `, names, lines)
    } else lines.push(cut(`${rest}  ├─ ${lineOf(item, names)}`))
  }
  lines.push(cut(`${rest}  └─ ← ${endOf(frame, names)}`))
}

function lineOf(item: Exclude<StoryItem, { kind: 'frame' }>, { artefacts }: Names): string {
  if (item.kind === 'console') return `console.log: ${item.line}`
  const { topics, data } = item
  const entry = topics[0] === undefined ? undefined : artefacts.eventOf(topics[0])
  const decoded = entry && eventText(entry, topics, data)
  if (decoded !== undefined) return `emit ${decoded}`
  return `emit ${topics.join(' ') || 'without topics'} ${data.length === 0 ? '' : bytesToHex(data)}`.trimEnd()
}

/** Indexed values that are longer than a word are hashes: those are shown as they are. */
function eventText(entry: AbiEntry, topics: readonly Hash[], data: Uint8Array): string | undefined {
  const indexed = entry.inputs.filter((input) => input.indexed === true)
  if (indexed.length !== topics.length - 1) return undefined
  const plain = entry.inputs.filter((input) => input.indexed !== true)
  const values = decodeAbi(plain, data)
  if (values === undefined) return undefined
  let [topic, value] = [1, 0]
  const shown = entry.inputs.map((input) => {
    const name = input.name === undefined || input.name === '' ? '' : `${input.name}: `
    if (input.indexed !== true) return name + formatOne(input, values[value++]!)
    const word = topics[topic++]!
    const isWord = !/^(?:string|bytes)$|\[|^tuple/.test(input.type)
    const read = isWord ? decodeAbi([input], Buffer.from(word.slice(2), 'hex'))?.[0] : undefined
    return name + (read === undefined ? word : formatOne(input, read))
  })
  return `${entry.name}(${shown.join(', ')})`
}

function formatOne(
  ...[parameter, value]: [AbiEntry['inputs'][number], Parameters<typeof formatList>[1][number]]
): string {
  return formatList([parameter], [value]).slice(1, -1)
}

function labelOf(frame: StoryFrame, names: Names): string {
  const { kind, to, input, valueWei } = frame
  const contract = names.contractOf(frame)
  const value = valueWei > 0n && kind !== 'DELEGATECALL' ? `{value: ${amount(valueWei)}}` : ''
  if (kind === 'CREATE' || kind === 'CREATE2') {
    return `→ new ${contract?.name ?? 'contract'}@${shortAddress(to)}${value}`
  }
  if (kind === 'SELFDESTRUCT')
    return `selfdestruct of ${shortAddress(frame.from)} to ${shortAddress(to)}${value}`
  const how = kind === 'CALL' ? '' : ` [${kind.toLowerCase()}]`
  if (names.codeOf(frame).length === 0) {
    return `${labelWithoutCode(to, input, valueWei, names.artefacts)} → ${shortAddress(to)}${how}`
  }
  return `${contract?.name ?? shortAddress(to)}.${calledWith(frame, contract, names)}${value}${how}`
}

function calledWith(
  { input }: StoryFrame,
  contract: ArtefactContract | undefined,
  { artefacts }: Names,
): string {
  if (input.length === 0) return 'receive()'
  if (input.length < 4) return `fallback(${bytesToHex(input)})`
  const entry = functionOf(input, contract, artefacts)
  const values = entry && decodeAbi(entry.inputs, input.subarray(4))
  if (entry !== undefined && values !== undefined)
    return entry.name + formatList(entry.inputs, values)
  return `${entry?.name ?? bytesToHex(input.subarray(0, 4))}(${bytesToHex(input.subarray(4))})`
}

function functionOf(
  input: Uint8Array,
  contract: ArtefactContract | undefined,
  artefacts: Artefacts,
): Pick<AbiEntry, 'name' | 'inputs'> | undefined {
  const selector = bytesToHex(input.subarray(0, 4)) as Hex
  return (
    contract?.functions.get(selector) ?? artefacts.functionOf(selector) ?? knownFunction(selector)
  )
}

function endOf(frame: StoryFrame, names: Names): string {
  const { error, output, kind } = frame
  if (error?.kind === 'revert') return decodeFailure(output, names.artefacts, names.codeOf(frame))
  if (error !== undefined) return `failed: ${error.reason}`
  if (kind === 'CREATE' || kind === 'CREATE2') return `${output.length} bytes of code`
  if (output.length === 0) return 'done'
  const entry = names
    .contractOf(frame)
    ?.functions.get(bytesToHex(frame.input.subarray(0, 4)) as Hex)
  const values = entry && entry.outputs.length > 0 ? decodeAbi(entry.outputs, output) : undefined
  return values === undefined ? bytesToHex(output) : formatList(entry!.outputs, values).slice(1, -1)
}

function amount(wei: bigint): string {
  return wei < SMALL_WEI ? `${wei} wei` : `${formatEther(wei)} ETH`
}

function cut(line: string): string {
  return line.length <= MAX_LINE ? line : `${line.slice(0, MAX_LINE)}…`
}
