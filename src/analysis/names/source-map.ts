import type { ContractArtefact } from './artefact.ts'

/** A place in a source file; lines count from 1. */
export interface SourceLine {
  readonly path: string
  readonly line: number
}

const PUSH1 = 0x60
const PUSH32 = 0x7f

/** What each instruction of a code came from: byte offsets into a file, by its number. -1: no file. */
interface Origins {
  readonly offset: Int32Array
  readonly file: Int32Array
}

/** Finds the source lines of instructions; keeps what it decoded of each artefact and file. */
export class SourceLines {
  /** The sources' texts by path. */
  readonly #texts: ReadonlyMap<string, string>
  readonly #origins: Map<ContractArtefact, Origins> = new Map()
  readonly #instructions: Map<ContractArtefact, Int32Array> = new Map()
  readonly #lineStarts: Map<string, readonly number[]> = new Map()

  constructor(texts: ReadonlyMap<string, string>) {
    this.#texts = texts
  }

  /** undefined when the artefact has no source map, the compiler made the instruction up, or the text is not there. */
  lineOf(artefact: ContractArtefact, pc: number): SourceLine | undefined {
    if (artefact.runtime === undefined || artefact.sourceMap === '') return undefined
    const instruction = this.#instructionAt(artefact, artefact.runtime, pc)
    let origins = this.#origins.get(artefact)
    if (origins === undefined) {
      origins = decodeSourceMap(artefact.sourceMap)
      this.#origins.set(artefact, origins)
    }
    const path = artefact.sourcePaths.get(origins.file[instruction] ?? -1)
    const text = path === undefined ? undefined : this.#texts.get(path)
    if (path === undefined || text === undefined) return undefined
    return { path, line: this.#line(path, text, origins.offset[instruction]!) }
  }

  #instructionAt(artefact: ContractArtefact, runtime: Uint8Array, pc: number): number {
    let numbers = this.#instructions.get(artefact)
    if (numbers === undefined) {
      numbers = instructionNumbers(runtime)
      this.#instructions.set(artefact, numbers)
    }
    return numbers[pc] ?? -1
  }

  #line(path: string, text: string, offset: number): number {
    let starts = this.#lineStarts.get(path)
    if (starts === undefined) {
      starts = lineStarts(text)
      this.#lineStarts.set(path, starts)
    }
    let low = 0
    let high = starts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (starts[middle]! <= offset) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** By program counter: which instruction it is, from 0; -1 inside the data of a push. */
export function instructionNumbers(code: Uint8Array): Int32Array {
  const numbers = new Int32Array(code.length).fill(-1)
  let number = 0
  for (let pc = 0; pc < code.length; pc++) {
    numbers[pc] = number++
    const opcode = code[pc]!
    if (opcode >= PUSH1 && opcode <= PUSH32) pc += opcode - PUSH1 + 1
  }
  return numbers
}

/** An empty field is as in the entry before. */
function decodeSourceMap(map: string): Origins {
  const entries = map.split(';')
  const offset = new Int32Array(entries.length)
  const file = new Int32Array(entries.length)
  let lastOffset = -1
  let lastFile = -1
  for (const [at, entry] of entries.entries()) {
    const [start, , source] = entry.split(':')
    if (start !== undefined && start !== '') lastOffset = Number(start)
    if (source !== undefined && source !== '') lastFile = Number(source)
    offset[at] = lastOffset
    file[at] = lastFile
  }
  return { offset, file }
}

/** Offsets are of bytes, as solc counts. */
function lineStarts(text: string): readonly number[] {
  const starts = [0]
  const bytes = Buffer.from(text, 'utf8')
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === 0x0a) starts.push(at + 1)
  return starts
}
