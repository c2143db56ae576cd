// `node scripts/coverage.mjs [NAME]...`: of the slots that transactions touch in code bases of other projects, as npm brings them, how
// many the profiler names, and what it names first. Exits with 1 when it is less than 99 % of some.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { formatTable } from './bench/table.mjs'
import { aaveV3 } from './coverage/aave.mjs'
import { CodeBaseChain } from './coverage/chain.mjs'
import { installCodeBases, versionOf } from './coverage/compile.mjs'
import { openzeppelin, solady } from './coverage/tokens.mjs'
import { uniswapV2, uniswapV4 } from './coverage/uniswap.mjs'
import { ensureBuilt, root } from './prepare.mjs'

const CODE_BASES = [openzeppelin, solady, uniswapV2, uniswapV4, aaveV3]
const WANTED = 0.99

/**
 * Deploys a code base on a node of its own, uses it, and asks for the report on all of that.
 * @param {(config: object) => Promise<object>} createNode
 * @param {typeof CODE_BASES[number]} codeBase installed
 * @returns what was touched and named, the report, and the time from the artefacts to the report
 */
export async function measureCoverage(createNode, codeBase) {
  const artefacts = codeBase.compile()
  const node = await createNode({ workers: 1, artefactDirs: [artefacts] })
  try {
    const chain = new CodeBaseChain(node, artefacts)
    await codeBase.use(chain)
    const start = performance.now()
    const window = { last: chain.hashes.length }
    const report = await chain.ask('parallel_getContention', window)
    const seconds = (performance.now() - start) / 1000
    return { report, seconds, unnamed: await unnamedIn(chain, report) }
  } finally {
    await node.close()
  }
}

/** Slots without a name, with a call that touched them. */
async function unnamedIn(chain, { coverage, calls }) {
  const found = new Map()
  if (coverage.named === coverage.slots) return found
  for (const { hash, label } of calls) {
    const { reads, writes } = await chain.ask('parallel_getAccessSet', hash)
    for (const { kind, name } of [...reads, ...writes]) {
      if (kind === 'slot' && / slot /.test(name)) found.set(name, label)
    }
  }
  return found
}

async function main(names) {
  await ensureBuilt()
  installCodeBases()
  const { createNode } = await import(pathToFileURL(join(root, 'dist', 'index.js')).href)
  const rows = []
  const lines = []
  let isEnough = true
  for (const codeBase of CODE_BASES) {
    if (names.length > 0 && !names.includes(codeBase.name)) continue
    const { report, seconds, unnamed } = await measureCoverage(createNode, codeBase)
    const { slots, named, refused } = report.coverage
    const [first] = report.fixFirst
    rows.push([
      `${codeBase.name} ${codeBase.packages.map(versionOf).join(', ')}`,
      `${report.transactions}`,
      `${slots}`,
      `${named}`,
      `${((100 * named) / slots).toFixed(1)} %`,
      seconds.toFixed(1),
      first === undefined ? '' : `${shorten(first.name)} ${first.sites[0]?.line ?? ''}`,
    ])
    for (const [name, label] of unnamed) lines.push(`not named: ${name}, by ${label}`)
    for (const { contract, reason } of refused) lines.push(`refused: ${contract}: ${reason}`)
    if (named < WANTED * slots) isEnough = false
  }
  const heads = ['', 'transactions', 'slots', 'named', '', 'seconds', 'first conflict']
  console.log([formatTable(heads, rows), ...lines].join('\n'))
  return isEnough ? 0 : 1
}

function shorten(name) {
  return name.replaceAll(/0x([0-9a-f]{4})[0-9a-f]{12,}([0-9a-f]{4})/gi, '0x$1…$2')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = await main(process.argv.slice(2))
}
