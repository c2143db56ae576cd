import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isInstalled } from '../../scripts/prepare.mjs'
import { temporaryFolder } from '../support/checkout.ts'

type Packages = Record<string, { version?: string; integrity?: string; optional?: boolean }>

describe('an install is wanted', () => {
  let folder: ReturnType<typeof temporaryFolder>
  beforeEach(() => {
    folder = temporaryFolder('install')
  })
  afterEach(() => folder.remove())

  const lay = (wanted: Packages, present?: Packages): boolean => {
    writeFileSync(join(folder.path, 'package-lock.json'), JSON.stringify({ packages: wanted }))
    if (present !== undefined) {
      mkdirSync(join(folder.path, 'node_modules'))
      const record = join(folder.path, 'node_modules', '.package-lock.json')
      writeFileSync(record, JSON.stringify({ packages: present }))
    }
    return isInstalled(folder.path)
  }

  const a = { version: '1.0.0', integrity: 'sha512-a' }

  it('on a fresh clone', () => {
    expect(lay({ '': {}, 'node_modules/a': a })).toBe(false)
  })

  it('when the lockfile names another version, or the same with other content', () => {
    const lock = { '': {}, 'node_modules/a': { ...a, version: '1.0.1' } }
    expect(lay(lock, { 'node_modules/a': a })).toBe(false)
    folder.remove()
    folder = temporaryFolder('install')
    const other = { 'node_modules/a': { ...a, integrity: 'sha512-b' } }
    expect(lay({ 'node_modules/a': a }, other)).toBe(false)
  })

  it('when a package is missing', () => {
    expect(lay({ 'node_modules/a': a, 'node_modules/b': a }, { 'node_modules/a': a })).toBe(false)
  })

  it('but not when only an optional package could not be had', () => {
    const lock = { '': {}, 'node_modules/a': a, 'node_modules/native': { ...a, optional: true } }
    expect(lay(lock, { 'node_modules/a': a })).toBe(true)
  })
})
