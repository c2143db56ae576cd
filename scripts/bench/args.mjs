// The command line of the bench.
import { parseArgs } from 'node:util'

export const usage = `Usage: npm run bench -- [options]

Measures heddle beside other nodes over JSON-RPC, in the same run, and prints a table.

  --quick           smaller sizes and two rounds: two to three minutes
  --rounds N        samples of each workload and node, 1 to 100 (default 3, with --quick 2)
  --only NAMES      only these workloads or nodes, by comma (a node: that node alone)
  --peers NAMES     what heddle is compared with, by comma (default anvil); the ratio is to the first
  --subject NAME    what is compared instead of heddle; "--subject anvil" shows the machine's noise
  --json FILE       where the figures go (default .cache/bench.json)
  --blocks FOLDER   recorded mainnet blocks for the parallel executors
  --seed N          of keys, receivers and amounts, 0 to 2^32 - 1 (default 1)
  --profile FOLDER  also write a V8 CPU profile of each heddle process there
  --help            this text`

/**
 * @typedef {object} BenchOptions
 * @property {boolean} quick
 * @property {number | undefined} rounds
 * @property {readonly string[]} workloads ids, empty for all
 * @property {readonly string[]} nodes what is measured, the subject first
 * @property {string} json path
 * @property {number} seed
 * @property {string | undefined} profile folder
 * @property {string | undefined} blocks folder
 * @property {boolean} help
 */

/**
 * Reads the command line.
 * @param {readonly string[]} argv without node and script
 * @param {{ workloads: readonly string[], nodes: readonly string[] }} known the names there are
 * @returns {BenchOptions}
 * @throws {Error} with one line that names the option and what was expected
 */
export function readArguments(argv, known) {
  const { values } = parseLine(argv)
  const subject = oneOf('--subject', values.subject ?? 'heddle', known.nodes)
  const peers = names('--peers', values.peers ?? 'anvil', known.nodes)
  const all = [subject, ...peers]
  const only = names('--only', values.only ?? '', [...known.workloads, ...known.nodes])
  const onlyNodes = only.filter((name) => known.nodes.includes(name))
  const missing = onlyNodes.find((name) => !all.includes(name))
  if (missing !== undefined) {
    throw new Error(`--only ${missing}: this run has ${all.join(' and ')}; add it to --peers`)
  }
  return {
    quick: values.quick === true,
    rounds: values.rounds === undefined ? undefined : integer('--rounds', values.rounds, 1, 100),
    workloads: only.filter((name) => known.workloads.includes(name)),
    nodes: onlyNodes.length === 0 ? all : [...new Set(onlyNodes)],
    json: nonEmpty('--json', values.json ?? '.cache/bench.json'),
    seed: integer('--seed', values.seed ?? '1', 0, 2 ** 32 - 1),
    profile: values.profile === undefined ? undefined : nonEmpty('--profile', values.profile),
    blocks: values.blocks === undefined ? undefined : nonEmpty('--blocks', values.blocks),
    help: values.help === true,
  }
}

function parseLine(argv) {
  const text = { type: /** @type {const} */ ('string') }
  const flag = { type: /** @type {const} */ ('boolean') }
  return parseArgs({
    args: [...argv],
    options: {
      quick: flag,
      help: flag,
      rounds: text,
      only: text,
      peers: text,
      subject: text,
      json: text,
      seed: text,
      profile: text,
      blocks: text,
    },
  })
}

function names(option, value, known) {
  const list = value.split(',').filter((name) => name !== '')
  return list.map((name) => oneOf(option, name, known))
}

function oneOf(option, name, known) {
  if (known.includes(name)) return name
  throw new Error(`${option}: "${name}" is none of ${known.join(', ')}`)
}

function integer(option, value, min, max) {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN
  if (number >= min && number <= max) return number
  throw new Error(`${option}: expected an integer from ${min} to ${max}, got "${value}"`)
}

function nonEmpty(option, value) {
  if (value !== '') return value
  throw new Error(`${option}: expected a path, got an empty text`)
}
