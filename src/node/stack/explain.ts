import type { FrameStory, StoryFrame } from '../../evm/tracer/frame-story.ts'
import { isPrecompile } from '../../evm/tracer/precompiles.ts'
import type { Rules } from '../../model/fork.ts'
import { EMPTY_BYTES } from '../../primitives/bytes.ts'
import { type Address, bytesToAddress, bytesToHex } from '../../primitives/hex.ts'
import type { StateView } from '../../state/view.ts'
import type { ArtefactContract } from '../artefact-files.ts'
import type { Artefacts } from '../artefacts.ts'
import { shortAddress } from '../labels.ts'
import { renderCallTree } from './call-tree.ts'
import { type FailureKind, type StackFrame, inferFailure } from './infer.ts'
import { Sources, showPlace } from './sources.ts'

/** Lines of a stack trace: recursion has a thousand. */
const MAX_LINES = 20
const INNERMOST = 12

/** One line of a Solidity stack trace. */
export interface ExplainedFrame {
  readonly address: Address
  readonly contract: string | undefined
  readonly function: string | undefined
  readonly source: string | undefined
  readonly line: number | undefined
}

export interface Explanation {
  readonly kind: FailureKind
  /** Why, where revert data alone does not tell. */
  readonly message: string | undefined
  /** The innermost first. */
  readonly frames: readonly ExplainedFrame[]
}

/** Says in the words of the sources what happened in a transaction. */
export class Explainer {
  readonly #artefacts: Artefacts
  readonly #sources: Sources = new Sources()

  constructor(artefacts: Artefacts) {
    this.#artefacts = artefacts
  }

  /** Whether there is any contract to name: without, a stack trace says nothing. */
  get knowsContracts(): boolean {
    return this.#artefacts.contracts.length > 0
  }

  load(): Promise<void> {
    return this.#artefacts.load()
  }

  /** Why what `story` followed failed; undefined when it did not. @param view a state that has the contracts' code */
  async failure(
    story: FrameStory,
    view: StateView,
    rules: Rules,
  ): Promise<Explanation | undefined> {
    const root = story.story()?.root
    if (root?.error === undefined) return undefined
    const names = this.#namesIn(root, view)
    const inferred = inferFailure(root, {
      ...names,
      isPrecompile: (address) => isPrecompile(address, rules),
    })
    const frames: ExplainedFrame[] = []
    for (const frame of inferred.frames) frames.push(...(await this.#explain(frame)))
    return { kind: inferred.kind, message: inferred.message, frames }
  }

  /** The calls that `story` followed as a tree. @param view a state that has the contracts' code */
  tree(story: FrameStory, view: StateView): readonly string[] {
    const told = story.story()
    if (told === undefined) return []
    const names = { artefacts: this.#artefacts, ...this.#namesIn(told.root, view) }
    const lines = renderCallTree(told.root, names)
    return told.cut ? [...lines, '(more calls, logs and lines are left out)'] : lines
  }

  /** A frame of the machine, and those of the functions that called each other in it. */
  async #explain({ frame, contract, pcs }: StackFrame): Promise<readonly ExplainedFrame[]> {
    const name = functionName(frame, contract)
    const kind = isCreation(frame) ? 'creation' : 'runtime'
    const places =
      contract === undefined
        ? []
        : await this.#sources.placesOf(contract, kind, name, { pcs, jumps: frame.jumps })
    const shown = places.length === 0 ? [undefined] : places
    return shown.map((place) => ({
      address: frame.to,
      contract: contract?.name,
      function: place?.function ?? name,
      source: place?.path,
      line: place?.line,
    }))
  }

  #namesIn(root: StoryFrame, view: StateView) {
    const created = createdIn(root)
    const codeOf = (frame: StoryFrame): Uint8Array => {
      if (isCreation(frame)) return frame.input
      return created.get(frame.codeAddress) ?? codeAt(view, frame.codeAddress)
    }
    const contractOf = (frame: StoryFrame): ArtefactContract | undefined =>
      isCreation(frame)
        ? this.#artefacts.byCreation(frame.input)
        : this.#artefacts.byRuntime(codeOf(frame))
    return { codeOf, contractOf }
  }
}

/** `at Token.transfer (src/Token.sol:12)`, a line for each frame. */
export function stackLines({ frames }: Explanation): readonly string[] {
  const lines = frames.map((frame) => `at ${showFrame(frame)}`)
  if (lines.length <= MAX_LINES) return lines
  const hidden = lines.length - MAX_LINES + 1
  return [
    ...lines.slice(0, INNERMOST),
    `(${hidden} more frames)`,
    ...lines.slice(INNERMOST + hidden),
  ]
}

/** `Token.transfer (src/Token.sol:12)` */
function showFrame({ address, contract, function: name, source, line }: ExplainedFrame): string {
  const what = [contract ?? shortAddress(address), name]
    .filter((part) => part !== undefined)
    .join('.')
  if (source === undefined || line === undefined) return what
  return `${what} (${showPlace({ path: source, line })})`
}

/** The code at `address`; a delegation (EIP-7702) is followed. */
export function runningCode(view: StateView, address: Address): Uint8Array {
  const code = codeAt(view, address)
  const isDelegated = code.length === 23 && code[0] === 0xef && code[1] === 0x01
  return isDelegated ? codeAt(view, bytesToAddress(code.subarray(3))) : code
}

function codeAt(view: StateView, address: Address): Uint8Array {
  const account = view.account(address)
  return account === undefined ? EMPTY_BYTES : view.code(account.codeHash)
}

/** Contracts that a failed transaction created are in no state. */
function createdIn(root: StoryFrame): ReadonlyMap<Address, Uint8Array> {
  const created = new Map<Address, Uint8Array>()
  const visit = (frame: StoryFrame): void => {
    if (isCreation(frame) && frame.error === undefined) created.set(frame.to, frame.output)
    for (const item of frame.items) if (item.kind === 'frame') visit(item.frame)
  }
  visit(root)
  return created
}

function isCreation({ kind }: StoryFrame): boolean {
  return kind === 'CREATE' || kind === 'CREATE2'
}

function functionName(
  frame: StoryFrame,
  contract: ArtefactContract | undefined,
): string | undefined {
  if (isCreation(frame)) return 'constructor'
  return contract?.functions.get(bytesToHex(frame.input.subarray(0, 4)))?.name
}
