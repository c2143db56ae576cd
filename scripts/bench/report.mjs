// From samples to rows, and from rows to a table and to JSON.
import { summarize, timesBetter } from './stats.mjs'
import { formatNumber, formatRatio, formatTable } from './table.mjs'

const clientBoundShare = 0.9

/**
 * @typedef {object} Cell one figure of one node
 * @property {string | undefined} problem why there is no figure: `not in 100 s`, `failed`, `wrong`
 * @property {ReturnType<typeof summarize>} [value]
 * @property {ReturnType<typeof summarize>} [cpuMs]
 * @property {ReturnType<typeof summarize>} [cold]
 * @property {number} [clientShare] the highest of its samples
 */

/**
 * @typedef {object} Row
 * @property {string} workload id
 * @property {import('./runner.mjs').Metric} metric
 * @property {Record<string, Cell>} cells by node label
 * @property {number | undefined} ratio how many times better the first node is than the second
 */

/**
 * @typedef {object} Section
 * @property {string} id
 * @property {string} title
 * @property {readonly Row[]} rows
 * @property {readonly string[]} notes why figures are missing
 * @property {boolean} isVerified false when an answer was wrong or two nodes disagree
 */

/**
 * The rows of one workload. Nothing is quoted of a node whose answer was wrong, nor of any when
 * they disagree.
 * @param {{ id: string, title: string, metrics: readonly import('./runner.mjs').Metric[] }} workload
 * @param {readonly string[]} labels of the nodes, the subject first
 * @param {import('./runner.mjs').WorkloadResult} result
 * @returns {Section}
 */
export function makeSection({ id, title, metrics }, labels, { outcomes, disagreements }) {
  const agree = disagreements.length === 0
  const rows = metrics.map((metric) => {
    const cells = Object.fromEntries(
      labels.map((label, index) => [label, makeCell(metric.key, outcomes[index], agree)]),
    )
    const [ours, theirs] = labels.map((label) => cells[label].value?.median)
    const known = ours !== undefined && theirs !== undefined
    const ratio = known ? timesBetter(ours, theirs, metric.better) : undefined
    return { workload: id, metric, cells, ratio }
  })
  const failures = outcomes.flatMap((list, index) =>
    list
      .filter(({ kind }) => kind === 'failed' || kind === 'refuted')
      .map(
        ({ kind, message }) =>
          `${labels[index]} ${kind === 'failed' ? 'failed' : 'was wrong'}: ${message}`,
      ),
  )
  const isRefuted = outcomes.flat().some(({ kind }) => kind === 'refuted')
  return {
    id,
    title,
    rows,
    notes: [...failures, ...disagreements.map((text) => `disagreement: ${text}`)],
    isVerified: agree && !isRefuted,
  }
}

function makeCell(key, outcomes, agree) {
  const bad = outcomes.find(({ kind }) => kind !== 'measured')
  if (bad?.kind === 'refuted' || !agree) return { problem: 'wrong' }
  if (bad?.kind === 'late') return { problem: `not in ${bad.capMs / 1000} s` }
  if (bad?.kind === 'failed') return { problem: 'failed' }
  const samples = outcomes.map((outcome) => outcome.samples[key]).filter((one) => one !== undefined)
  if (samples.length === 0) return { problem: 'unknown' }
  const cell = { problem: undefined, value: summarize(samples.map(({ value }) => value)) }
  for (const field of ['cpuMs', 'cold']) {
    const values = samples.map((one) => one[field]).filter((one) => one !== undefined)
    if (values.length > 0) cell[field] = summarize(values)
  }
  const shares = samples.map((one) => one.clientShare).filter((one) => one !== undefined)
  if (shares.length > 0) cell.clientShare = Math.max(...shares)
  return cell
}

/**
 * The table of all sections.
 * @param {readonly Section[]} sections
 * @param {readonly string[]} labels
 * @returns {string}
 */
export function formatReport(sections, labels) {
  const head = ['measured', 'unit', ...labels, 'ratio', ...labels.map((label) => `CPU ms ${label}`)]
  const rows = sections.flatMap((section) => [
    [section.title],
    ...section.rows.map(({ metric, cells, ratio }) => [
      `  ${metric.title}`,
      metric.unit,
      ...labels.map((label) => formatCell(cells[label])),
      formatRatio(ratio),
      ...labels.map((label) => formatCpu(cells[label])),
    ]),
  ])
  const notes = sections.flatMap((section) =>
    section.notes.map((note) => `! ${section.id}: ${note}`),
  )
  const table = formatTable(head, rows)
  return [table, '', ...keyLines(labels, table.includes('*')), ...notes].join('\n')
}

function keyLines([ours, theirs], isMarked) {
  const medians = 'Medians. In brackets: the first time in a process. CPU: user and system time.'
  const ratio = `Ratio: how many times better ${ours} is than ${theirs}; below 1 is worse.`
  const marked =
    '* the bench itself was busy over 90% of that time: the node may be faster than shown.'
  return [medians, ...(theirs === undefined ? [] : [ratio]), ...(isMarked ? [marked] : [])]
}

function formatCell({ problem, value, cold, clientShare }) {
  if (value === undefined) return problem ?? '-'
  const text = formatNumber(value.median)
  const marked = (clientShare ?? 0) > clientBoundShare ? `${text}*` : text
  return cold === undefined ? marked : `${marked} (${formatNumber(cold.median)})`
}

function formatCpu({ cpuMs }) {
  return cpuMs === undefined ? '' : formatNumber(cpuMs.median)
}
