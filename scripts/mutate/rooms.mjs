// What can be broken, and whose tests have to notice.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../prepare.mjs'
import { artefacts } from '../wasm.mjs'
import { mutantsOf } from './mutants.mjs'
import { wordModuleName } from './workshop.mjs'

/**
 * @typedef {object} Room
 * @property {string} folder
 * @property {RegExp} [files] those of them
 * @property {readonly import('./workshop.mjs').Artefact[]} artefacts what is compiled of it
 * @property {readonly string[]} quick tests, in the order in which they notice soonest
 * @property {readonly string[]} thorough tests for what those do not notice
 */

/** @returns {import('./workshop.mjs').Artefact} one that the build makes, too */
export function artefact(name) {
  return artefacts.find((each) => each.name === name)
}

const unit = (room, ...names) => names.map((name) => `test/unit/${room}/${name}.test.ts`)
const evm = (...names) => unit('evm', ...names)
const quick = evm(
  'differential/unpaid-reads',
  'reads',
  'wasm-warmth',
  'wasm',
  'wasm-limits',
  'resources',
  'differential/unread',
  'differential/accesses',
  'records',
  'differential/fuzz',
  'machine',
  'network',
  'differential/instructions',
)
const thorough = evm('differential/forks', 'differential/extremes', 'differential/sweep')
const primitives = (...names) => unit('primitives', ...names)

/** @type {readonly Room[]} */
export const rooms = [
  {
    folder: 'src/evm/wasm/assembly',
    files: /^(?!block\.ts)/,
    artefacts: [artefact('engine'), artefact('engine-hooked')],
    quick,
    thorough,
  },
  {
    folder: 'src/evm/wasm/assembly',
    files: /^block\.ts$/,
    artefacts: [artefact('engine'), artefact('engine-hooked')],
    quick: [...unit('executor', 'inline'), ...evm('machine')],
    thorough: [],
  },
  {
    folder: 'src/evm/wasm',
    files: /^gas-table\.ts$/,
    artefacts: [],
    quick: evm('differential/instructions'),
    thorough: evm('wasm', 'differential/forks', 'differential/sweep'),
  },
  {
    folder: 'src/evm/wasm',
    files: /^(?!gas-table\.ts)/,
    artefacts: [],
    quick: evm('wasm', 'records', 'machine', 'wasm-limits', 'differential/forks'),
    thorough: [],
  },
  {
    folder: 'src/primitives/assembly',
    artefacts: [
      { entry: 'src/primitives/assembly/module.ts', name: wordModuleName(), flags: [] },
      artefact('primitives'),
    ],
    quick: primitives('u256', 'keccak-wasm', 'ordered-root', 'rlp'),
    thorough: [],
  },
  {
    folder: 'src/model',
    files: /^validity\.ts$/,
    artefacts: [],
    quick: [...unit('model', 'validity'), ...evm('differential/forks', 'differential/extremes')],
    thorough: [],
  },
  {
    folder: 'src/evm',
    files: /^precompiles\.ts$/,
    artefacts: [],
    quick: evm('precompiles'),
    thorough: [],
  },
  {
    folder: 'src/evm/precompile',
    files: /^(?:bls12-gas|bn254|modexp)\.ts$/,
    artefacts: [],
    quick: evm('precompiles', 'precompiles-numbers'),
    thorough: [],
  },
  {
    folder: 'src/evm/precompile/assembly',
    artefacts: [artefact('precompile')],
    quick: evm('precompiles-numbers'),
    thorough: [],
  },
]

/** Both sides read them, so that a change is one of all places at once. */
const literal = new Set(['layout.ts', 'status.ts', 'frame-layout.ts', 'transaction-layout.ts'])

/** @returns {(import('./mutants.mjs').Mutant & { room: Room })[]} */
export function findMutants() {
  return rooms.flatMap((room) =>
    readdirSync(join(root, room.folder))
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && !literal.has(name))
      .filter((name) => room.files?.test(name) ?? true)
      .toSorted()
      .flatMap((name) => {
        const file = `${room.folder}/${name}`
        const found = mutantsOf(file, readFileSync(join(root, file), 'utf8'))
        return found.map((mutant) => ({ ...mutant, room }))
      }),
  )
}
