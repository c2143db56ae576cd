// The table of methods in src/rpc/METHODS.md, from the method tables and from what is known of other nodes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const read = (name) => JSON.parse(readFileSync(join(import.meta.dirname, name), 'utf8'))

/** @type {Record<string, string[]>} each method that another node or a specification has, and who does */
export const peers = read('peers.json')

/** @type {Record<string, string>} what this node leaves out, and why */
export const absent = Object.fromEntries(
  Object.entries(read('absent.json')).flatMap(([reason, names]) =>
    names.map((name) => [name, reason]),
  ),
)

/** @type {Record<string, string>} what the methods say that nobody else has, by name */
const own = read('own.json')

/** Namespaces that nobody else has. */
const ownSpaces = ['parallel', 'heddle']

const columns = ['anvil', 'hardhat', 'geth', 'erigon', 'spec']

/**
 * @param {Iterable<string>} names of this node's methods
 * @returns {string[]} what is wrong: a peer's method that is neither here nor left out for a reason, or both
 */
export function faultsOf(names) {
  const here = new Set(names)
  const mine = [...here].filter((name) => ownSpaces.includes(spaceOf(name)))
  return [
    ...Object.keys({ ...peers, ...absent }).flatMap((name) => {
      if (here.has(name))
        return name in absent ? [`${name}: is here, and has a reason why not`] : []
      return name in absent ? [] : [`${name}: is missing without a reason`]
    }),
    ...mine.filter((name) => !(name in own)).map((name) => `${name}: own.json says nothing of it`),
    ...Object.keys(own)
      .filter((name) => !here.has(name))
      .map((name) => `${name}: is in own.json, but not here`),
  ]
}

/**
 * @param {Iterable<string>} names of this node's methods
 * @param {(name: string) => string} parametersOf a method of its own, as `block, options?`
 * @param {readonly string[]} kinds that eth_subscribe follows
 * @returns {string} the file's text
 */
export function renderTable(names, parametersOf, kinds) {
  const here = [...names].filter((name) => !ownSpaces.includes(spaceOf(name)))
  const counts = columns.map((peer) => {
    const all = Object.keys(peers).filter((name) => has(name, peer))
    return `${all.filter((name) => here.includes(name)).length} of ${all.length}`
  })
  return `# Methods

Made by \`npm run methods\` from the method tables and from \`scripts/methods/\`; a test keeps it current.
Parameters of all of them are in \`rpc_discover\`'s answer.
\`eth_subscribe\` follows ${kinds.join(', ')}.

Compared with Anvil 1.7.1 (and what 1.8 added), Hardhat 3.18, Geth 1.17, Erigon and execution-apis: of their methods this node has
${columns.map((peer, at) => `${titleOf(peer)} ${counts[at]}`).join(', ')}.

| method | ${columns.map(titleOf).join(' | ')} | others |
|---|${columns.map(() => ':-:|').join('')}---|
${here
  .toSorted()
  .map((name) => `${rowOf(name)}\n`)
  .join('')}
## Nobody else's

| method | parameters | what it says |
|---|---|---|
${Object.entries(own)
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .map(([name, says]) => `| \`${name}\` | ${code(parametersOf(name))} | ${says} |\n`)
  .join('')}
## Left out

| method | peers | why |
|---|---|---|
${Object.entries(absent)
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .map(
    ([name, why]) => `| \`${name}\` | ${(peers[name] ?? []).map(titleOf).join(', ')} | ${why} |\n`,
  )
  .join('')}`
}

function rowOf(name) {
  const marks = columns.map((peer) => {
    if (!has(name, peer)) return ''
    return (peers[name] ?? []).includes(peer) ? '●' : '1.8'
  })
  const others = (peers[name] ?? []).filter(
    (peer) => !columns.some((column) => peer.startsWith(column)),
  )
  return `| \`${name}\` | ${marks.join(' | ')} | ${others.map(titleOf).join(', ')} |`
}

function has(name, peer) {
  return (peers[name] ?? []).some((each) => each === peer || each === `${peer} 1.8`)
}

function code(text) {
  return text === '' ? '' : `\`${text}\``
}

function spaceOf(name) {
  return name.slice(0, name.indexOf('_'))
}

function titleOf(peer) {
  const other = { spec: 'execution-apis', megaeth: 'MegaETH', viem: 'viem' }[peer]
  return other ?? `${peer[0].toUpperCase()}${peer.slice(1)}`
}
