import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkRooms, readImports, readSources, sourceFolder } from './support/rooms.ts'
import type { Source } from './support/rooms.ts'

// Raise it as the house grows; it only has to be high enough to notice a walk that went blind.
const fewestFiles = 250

const tree = (files: Record<string, string>): Source[] =>
  Object.entries(files).map(([path, text]) => ({ path, text }))

const faultsOf = (files: Record<string, string>): string[] => checkRooms(tree(files), 0)

describe('the rooms of src', () => {
  it('import only what their row of the table allows', () => {
    expect(checkRooms(readSources(sourceFolder), fewestFiles)).toEqual([])
  })
})

describe('the checker sees', () => {
  it.each([
    ['a value import', `import { pool } from '../chain/pool.ts'`],
    ['a type-only import', `import type { Pool } from '../chain/pool.ts'`],
    ['an inline type import', `import { type Pool } from '../chain/pool.ts'`],
    ['a type written as import()', `export type P = import('../chain/pool.ts').Pool`],
    ['a dynamic import', `const late = async () => import('../chain/pool.ts')`],
    ['a side-effect import', `import '../chain/pool.ts'`],
    ['an import over many lines', `import {\n  pool,\n  Pool,\n} from '../chain/pool.ts'`],
    ['an import behind a comment', `/* why */ import { pool } from '../chain/pool.ts'`],
    ['an import with a comment inside', `import { pool } /* up */ from '../chain/pool.ts'`],
    ['a namespace import', `import * as pool from "../chain/pool.ts"`],
  ])('%s that goes up', (_, text) => {
    expect(faultsOf({ 'model/block.ts': text })).toEqual([
      'model/block.ts: model may not import chain (../chain/pool.ts)',
    ])
  })

  it('re-exports, and only index.ts may have them', () => {
    const text = `export type { Hex } from '../primitives/hex.ts'`
    expect(faultsOf({ 'model/block.ts': text })).toEqual([
      'model/block.ts: re-exports; only index.ts may',
    ])
    expect(faultsOf({ 'index.ts': `export { createNode } from './node/node.ts'` })).toEqual([])
  })

  it('a folder that is no room', () => {
    expect(faultsOf({ 'utils/misc.ts': '' })).toEqual(['utils/misc.ts: "utils" is not a room'])
  })

  it('the reference engine named outside its folder', () => {
    const text = `import type { VM } from '@ethereumjs/vm'`
    expect(faultsOf({ 'evm/ethereumjs/engine.ts': text })).toEqual([])
    expect(faultsOf({ 'executor/serial.ts': text })).toEqual([
      'executor/serial.ts: only evm/ethereumjs/ may name @ethereumjs/vm',
    ])
  })

  it('more than types taken from a room that lends only types', () => {
    const typed = `import type { Methods } from '../rpc/method.ts'`
    const valued = `import { methods } from '../rpc/method.ts'`
    expect(faultsOf({ 'client/viem.ts': typed })).toEqual([])
    expect(faultsOf({ 'client/viem.ts': valued })).toEqual([
      'client/viem.ts: client may import only types of rpc',
    ])
  })

  it('a long file without a reason', () => {
    const long = `${'const x = 1\n'.repeat(401)}`
    expect(faultsOf({ 'model/fork.ts': long })).toEqual([
      'model/fork.ts: 401 lines without a reason at the top',
    ])
    const excused = `// Over 400 lines because the table is one table.\n${long}`
    expect(faultsOf({ 'model/fork.ts': excused })).toEqual([])
  })

  it('a lane worker that reaches the chain, however deep', () => {
    const files = {
      'executor/lane/worker.ts': `import { work } from './work.ts'`,
      'executor/lane/work.ts': `import type { Late } from '../late.ts'`,
      'executor/late.ts': `export const late = () => import('../rpc/server.ts')`,
      'rpc/server.ts': '',
    }
    expect(faultsOf(files)).toEqual([
      'executor/late.ts: executor may not import rpc (../rpc/server.ts)',
      'rpc/server.ts: reached by the lane worker through executor/late.ts',
    ])
  })

  it('that it saw too little', () => {
    expect(checkRooms(tree({ 'model/block.ts': '' }), 2)).toEqual([
      'saw 1 files, expected at least 2',
    ])
  })
})

describe('the checker does not mistake', () => {
  it('comments, strings and prose for imports', () => {
    const text = [
      `// import { a } from '../chain/a.ts'`,
      `/* import { b } from '../chain/b.ts' */`,
      'const c = `import { c } from "../chain/c.ts"`',
      `const d = "import { d } from '../chain/d.ts'"`,
      `const from = Array.from('x')`,
    ].join('\n')
    expect(readImports(text)).toEqual([])
  })

  it('an import of the own room or of one below for a fault', () => {
    const text = [
      `import { hex } from '../primitives/hex.ts'`,
      `import type { Log } from './log.ts'`,
      `import { createHash } from 'node:crypto'`,
    ].join('\n')
    expect(faultsOf({ 'model/block.ts': text })).toEqual([])
  })
})

describe('the walk', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'heddle-rooms-'))
    mkdirSync(join(folder, 'model', 'codec'), { recursive: true })
    mkdirSync(join(folder, 'primitives', 'assembly'), { recursive: true })
    writeFileSync(join(folder, 'model', 'codec', 'tx.ts'), `import '../../node/node.ts'`)
    writeFileSync(join(folder, 'primitives', 'assembly', 'keccak.ts'), `import '../../evm/x.ts'`)
    writeFileSync(join(folder, 'model', 'README.md'), `import '../node/node.ts'`)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('reads nested folders and AssemblyScript, and nothing but sources', () => {
    expect(checkRooms(readSources(folder), 2).toSorted()).toEqual([
      'model/codec/tx.ts: model may not import node (../../node/node.ts)',
      'primitives/assembly/keccak.ts: primitives may not import evm (../../evm/x.ts)',
    ])
  })
})
