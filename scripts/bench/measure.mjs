// What a workload measures with, and how it says that an answer was wrong.
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from './stats.mjs'
import { cpuBetween, markCpu } from './process-tree.mjs'

const settleStepMs = 15
const settleCapMs = 2000
const idleCpuMs = 1

/**
 * @typedef {object} Sample one figure of one process
 * @property {number} value in the unit of its metric
 * @property {number} [cpuMs] user and system time of the node's process tree over the same section
 * @property {number} [cold] the same figure for the first time in the process
 * @property {number} [clientShare] CPU time of the bench itself over wall time: near 1 it is the
 *   bench that is being measured
 */

/** A node gave a wrong answer, so none of its times in this workload counts. */
export class Refuted extends Error {
  name = 'Refuted'
}

/**
 * @param {boolean} isTrue
 * @param {string} claim what should have been, with the values
 * @throws {Refuted} when it is not true
 */
export function check(isTrue, claim) {
  if (!isTrue) throw new Refuted(claim)
}

/**
 * @param {string} name what is compared
 * @param {unknown} actual
 * @param {unknown} expected a primitive
 * @throws {Refuted} when they differ
 */
export function checkEqual(name, actual, expected) {
  check(actual === expected, `${name}: expected ${String(expected)}, got ${String(actual)}`)
}

/**
 * Times one piece of work. CPU time is read when the node has come to rest, so that what it put off
 * until after its answer is counted too; wall time ends with the answer.
 * @template T
 * @param {{ pid: number }} node
 * @param {() => Promise<T>} work
 * @returns {Promise<{ result: T, sample: Sample }>} in milliseconds
 */
export async function timed(node, work) {
  const before = markCpu(node.pid)
  const client = process.cpuUsage()
  const startMs = performance.now()
  const result = await work()
  const value = performance.now() - startMs
  const { user, system } = process.cpuUsage(client)
  const cpuMs = cpuBetween(before, await settle(node.pid))
  const clientShare = (user + system) / 1000 / value
  return { result, sample: withCpu({ value, clientShare }, cpuMs) }
}

/**
 * One sample for several like sections of a process: the first is the cold one, the median of the
 * others counts. With a single section that one counts and nothing is called cold.
 * @param {readonly Sample[]} samples at least one
 * @returns {Sample}
 */
export function warmed(samples) {
  const [first, ...later] = samples
  if (later.length === 0) return first
  const known = later.map((sample) => sample.cpuMs).filter((cpuMs) => cpuMs !== undefined)
  const sample = { value: median(later.map(({ value }) => value)), cold: first.value }
  return withCpu(sample, known.length === 0 ? undefined : median(known))
}

/**
 * @param {Sample} sample
 * @param {number | undefined} cpuMs
 * @returns {Sample} with the CPU time, where it is known
 */
export function withCpu(sample, cpuMs) {
  return cpuMs === undefined ? sample : { ...sample, cpuMs }
}

/**
 * A sample of CPU time alone, or none where it is unknown.
 * @param {string} key of the metric
 * @param {number | undefined} value
 * @returns {Record<string, Sample>}
 */
export function cpuSample(key, value) {
  return value === undefined ? {} : { [key]: { value } }
}

/** Waits until the tree uses less than 1 ms of CPU in 15 ms, two seconds at most. */
export async function settle(pid) {
  const startMs = performance.now()
  let mark = markCpu(pid)
  while (mark !== undefined && performance.now() - startMs < settleCapMs) {
    await sleep(settleStepMs)
    const next = markCpu(pid)
    const usedMs = cpuBetween(mark, next)
    mark = next
    if (usedMs !== undefined && usedMs < idleCpuMs) break
  }
  return mark
}
