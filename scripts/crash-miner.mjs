// Mines blocks into a folder until it is killed, and says on stdout what it did: what the parent compares the folder with.
//   block NUMBER HASH    mined
//   back NUMBER          blocks above it are about to be taken back
//   durable NUMBER       the node has said that all up to there is on disk
import { writeSync } from 'node:fs'
import { createNode } from '../dist/index.js'
import { seededRandom } from './crash-loop/random.mjs'

const [folder, seed] = process.argv.slice(2)
const random = seededRandom(Number(seed))
const say = (line) => writeSync(1, `${line}\n`)

const node = await createNode({ dataDir: folder, artefactDirs: [], workers: 1 })
const ask = (method, ...params) => node.request({ method, params })
const [alice] = await ask('eth_accounts')
/** Stores a word at the slot its input names, and logs it. */
const STORE = '0x6010600a5f3960105ff3005f355f52435f355560205fa000'
const headNumber = async () => Number(await ask('eth_blockNumber'))

async function tellHead() {
  const { number, hash } = await ask('eth_getBlockByNumber', 'latest', false)
  say(`block ${Number(number)} ${hash}`)
}

const actions = {
  async transfer() {
    const to = `0x${(1 + random(50)).toString(16).padStart(40, '0')}`
    await ask('eth_sendTransaction', { from: alice, to, value: '0x1' })
    await tellHead()
  },
  async deploy() {
    await ask('eth_sendTransaction', { from: alice, data: STORE, gas: '0x30d40' })
    await tellHead()
  },
  async empty() {
    await ask('evm_mine')
    await tellHead()
  },
  async flush() {
    say(`durable ${Number(await ask('heddle_flush'))}`)
  },
  async revert() {
    const id = await ask('evm_snapshot')
    const number = await headNumber()
    for (let more = random(4); more >= 0; more--) await actions.transfer()
    say(`back ${number}`)
    await ask('evm_revert', id)
  },
  async rollback() {
    const number = await headNumber()
    const depth = Math.min(number, 1 + random(3))
    if (depth === 0) return
    say(`back ${number - depth}`)
    await ask('anvil_rollback', depth)
  },
}
const names = [
  'transfer',
  'transfer',
  'transfer',
  'deploy',
  'empty',
  'flush',
  'flush',
  'revert',
  'rollback',
]

say('ready')
for (;;) await actions[names[random(names.length)]]()
