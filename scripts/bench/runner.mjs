// Takes the samples: each workload on each node in turn, a fresh process every time.
import { Refuted } from './measure.mjs'
import { startNode } from './node-process.mjs'

/**
 * @typedef {object} Metric
 * @property {string} key
 * @property {string} title
 * @property {string} unit
 * @property {'lower' | 'higher'} better
 */

/**
 * @template P
 * @typedef {object} Bench what a workload works with
 * @property {(flags?: Partial<Record<import('./node-process.mjs').NodeName, readonly string[]>>) => Promise<import('./node-process.mjs').NodeProcess>} launch
 *   with a node's own flags besides; starts a fresh node,
 *   which is ended with the workload
 * @property {P} plan
 * @property {import('./sizes.mjs').Sizes} sizes
 * @property {(name: string, value: string) => void} record states a fact; where several nodes state
 *   one of the same name, all must agree
 * @property {<T>(capMs: number, work: Promise<T>) => Promise<T>} within gives up after so long
 */

/**
 * @typedef {object} Workload
 * @property {string} id
 * @property {(sizes: import('./sizes.mjs').Sizes) => string} title
 * @property {readonly Metric[] | ((sizes: import('./sizes.mjs').Sizes) => readonly Metric[])} metrics
 * @property {(options: { seed: number, sizes: import('./sizes.mjs').Sizes }) => any} prepare makes
 *   the plan, once for all nodes and rounds; may be async
 * @property {(bench: Bench<any>) => Promise<Record<string, import('./measure.mjs').Sample>>} run
 */

/**
 * @typedef {{ kind: 'measured', samples: Record<string, import('./measure.mjs').Sample> }
 *   | { kind: 'late', capMs: number }
 *   | { kind: 'failed', message: string }
 *   | { kind: 'refuted', message: string }} Outcome one workload on one node, once
 */

/**
 * @typedef {object} WorkloadResult
 * @property {readonly (readonly Outcome[])[]} outcomes by node, as they were given, then by round
 * @property {readonly string[]} disagreements facts that the nodes state differently
 */

/** The work did not end in the time it had. */
class Late extends Error {
  constructor(capMs) {
    super(`not in ${capMs / 1000} s`)
    this.capMs = capMs
  }
}

/**
 * Runs one workload: A, B, A, B. A node that was late, failed or was refuted is not asked again.
 * @param {Workload} workload
 * @param {object} options
 * @param {readonly import('./node-process.mjs').NodeName[]} options.nodes
 * @param {import('./sizes.mjs').Sizes} options.sizes
 * @param {number} options.seed
 * @param {string | undefined} options.profile
 * @param {(text: string) => void} options.progress told before each sample
 * @returns {Promise<WorkloadResult>}
 */
export async function runWorkload(workload, { nodes, sizes, seed, profile, progress }) {
  const outcomes = nodes.map(() => [])
  const facts = nodes.map(() => new Map())
  const disagreements = new Set()
  let plan
  try {
    plan = await workload.prepare({ seed, sizes })
  } catch (error) {
    return { outcomes: nodes.map(() => [failureOf(error)]), disagreements: [] }
  }
  for (let round = 1; round <= sizes.rounds; round++) {
    for (const [index, name] of nodes.entries()) {
      if (outcomes[index].some(({ kind }) => kind !== 'measured')) continue
      progress(`${workload.id}, round ${round} of ${sizes.rounds}, ${name}`)
      const record = (fact, value) => {
        const before = facts[index].get(fact)
        if (before !== undefined && before !== value) {
          disagreements.add(`${fact}: ${name} says ${before} and then ${value}`)
        }
        facts[index].set(fact, value)
      }
      outcomes[index].push(await takeSample(workload, { name, plan, sizes, profile, record }))
    }
  }
  for (const text of compareFacts(nodes, facts)) disagreements.add(text)
  return { outcomes, disagreements: [...disagreements] }
}

/**
 * Facts that two nodes state differently.
 * @param {readonly string[]} nodes
 * @param {readonly ReadonlyMap<string, string>[]} facts by node
 * @returns {string[]} a line for each
 */
export function compareFacts(nodes, facts) {
  const [reference, ...others] = facts
  return others.flatMap((other, index) =>
    [...(reference ?? [])]
      .filter(([fact, value]) => other.has(fact) && other.get(fact) !== value)
      .map(
        ([fact, value]) =>
          `${fact}: ${nodes[0]} says ${value}, ${nodes[index + 1]} says ${other.get(fact)}`,
      ),
  )
}

/** @returns {Promise<Outcome>} */
async function takeSample(workload, { name, plan, sizes, profile, record }) {
  const launched = []
  const launch = async (flags = {}) => {
    const node = await startNode(name, { profile, flags: flags[name] })
    launched.push(node)
    return node
  }
  try {
    const work = workload.run({ launch, plan, sizes, record, within })
    return { kind: 'measured', samples: await within(sizes.sampleCapMs, work) }
  } catch (error) {
    return failureOf(error)
  } finally {
    for (const node of launched) await node.end()
  }
}

/** @returns {Outcome} */
function failureOf(error) {
  if (error instanceof Late) return { kind: 'late', capMs: error.capMs }
  const message = error instanceof Error ? error.message : String(error)
  return { kind: error instanceof Refuted ? 'refuted' : 'failed', message }
}

/** The work itself ends when its node does. */
async function within(capMs, work) {
  work.catch(() => {})
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Late(capMs)), capMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
