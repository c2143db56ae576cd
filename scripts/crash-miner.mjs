// Mines blocks into a folder until it is killed, and says on stdout what it did: what the parent compares the folder with.
//   block NUMBER HASH    mined
//   back NUMBER          blocks above it are about to be taken back
//   durable NUMBER       the node has said that all up to there is on disk
//   cheat NUMBER         the state after this block, the head, is about to be changed
import { writeSync } from 'node:fs'
import { createNode } from '../dist/index.js'
import { seededRandom } from './crash-loop/random.mjs'

const [folder, seed, history] = process.argv.slice(2)
const random = seededRandom(Number(seed))
const say = (line) => writeSync(1, `${line}\n`)

const kept = history === undefined ? {} : { keptStates: Number(history) }
const node = await createNode({ dataDir: folder, artefactDirs: [], workers: 1, ...kept })
const ask = (method, ...params) => node.request({ method, params })
const [alice] = await ask('eth_accounts')
/** Stores a word at the slot its input names, and logs it. */
const STORE = '0x6010600a5f3960105ff3005f355f52435f355560205fa000'
const snapshots = []
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
  async snapshot() {
    snapshots.push({ id: await ask('evm_snapshot'), number: await headNumber() })
  },
  /** To one of the snapshots, not always the newest; a rollback may have taken it along. */
  async revert() {
    if (snapshots.length === 0) return
    const at = random(snapshots.length)
    const [{ id, number }] = snapshots.splice(at)
    say(`back ${number}`)
    await ask('evm_revert', id)
  },
  /** Blocks side by side on one parent, and back. */
  async branches() {
    for (let branch = random(3); branch >= 0; branch--) {
      const id = await ask('evm_snapshot')
      const number = await headNumber()
      for (let more = random(4); more >= 0; more--) await actions.transfer()
      say(`back ${number}`)
      await ask('evm_revert', id)
    }
  },
  async cheat() {
    say(`cheat ${await headNumber()}`)
    const who = `0x${(1 + random(50)).toString(16).padStart(40, '0')}`
    await ask('anvil_setBalance', who, `0x${random(2 ** 31).toString(16)}`)
    if (random(2) === 0) await actions.empty()
  },
  async rollback() {
    const number = await headNumber()
    const depth = Math.min(number, 1 + random(3))
    if (depth === 0) return
    say(`back ${number - depth}`)
    await ask('anvil_rollback', depth).catch((error) => {
      // After one that went deep, the state before it may have gone.
      if (!error.message.includes('--history')) throw error
    })
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
  'snapshot',
  'revert',
  'branches',
  'rollback',
  'cheat',
]

say('ready')
for (;;) await actions[names[random(names.length)]]()
