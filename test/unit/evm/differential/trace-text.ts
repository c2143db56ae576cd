import type { Observer } from '../../../../src/evm/observer.ts'

export interface TraceText {
  readonly observer: Observer
  readonly lines: string[]
  /** Whether a frame halted: the engines check some things in another order then. */
  hasHalted: boolean
}

/** The reference's memory grows by so many bytes at a time, and not before something is written. */
const GROWS_BY = 8192

/** Writes down what an observer hears: frames, logs and, if wanted, each step with its stack and the size of its memory. */
export function recordTrace(withSteps: boolean): TraceText {
  const lines: string[] = []
  const observer: Observer = {
    frameStart({ kind, depth, from, to, codeAddress, valueWei, gas, input }) {
      const data = Buffer.from(input).toString('hex')
      lines.push(`> ${depth} ${kind} ${from} ${to} ${codeAddress} ${valueWei} ${gas} ${data}`)
    },
    frameEnd({ depth, gasUsed, output, error }) {
      if (error?.kind === 'halt') text.hasHalted = true
      const data = Buffer.from(output).toString('hex')
      // To the reference, a precompile that fails reverts.
      lines.push(`< ${depth} ${gasUsed} ${error === undefined ? '' : 'failed'} ${data}`)
    },
    log({ depth, address, topics, index, data }) {
      const content = Buffer.from(data).toString('hex')
      lines.push(`log ${depth} ${address} ${topics.join(' ')} ${index} ${content}`)
    },
  }
  if (withSteps) {
    // Not its cost, which the next step's gas says, nor the refund, which the reference knows a step early.
    observer.step = ({ depth, pc, name, gas, stack, memory, address }) => {
      const state = `${stack.map((item) => item.toString(16)).join(' ')} | ${Math.min(memory.length, GROWS_BY)}`
      lines.push(`${depth} ${address} ${pc} ${name} ${gas} | ${state}`)
    }
  }
  const text: TraceText = { observer, lines, hasHalted: false }
  return text
}

/** Without the instruction in which a frame failed: the reference does not always tell of it. */
function comparable(lines: readonly string[]): string[] {
  return lines.filter((line, index) => /^[<>l]/.test(line) || !isFailure(lines[index + 1] ?? ''))
}

function isFailure(line: string): boolean {
  return /^< \d+ \d+ failed/.test(line)
}

/** The first line that differs, of both, with some before it; empty when there is none. */
export function firstDifference(ours: readonly string[], theirs: readonly string[]): string {
  const [got, wanted] = [comparable(ours), comparable(theirs)]
  const at = got.findIndex((line, index) => line !== wanted[index])
  const place = at < 0 && wanted.length > got.length ? got.length : at
  if (place < 0) return ''
  const before = got.slice(Math.max(0, place - 3), place).join('\n')
  return `${before}\n  got    ${got[place]}\n  wanted ${wanted[place]}`
}
