import { describe, expect, it } from 'vitest'

import { wantsColor } from '../../../src/cli/color.ts'
import { findArtefacts, findKzg, findLevel, findSignatures } from '../../../src/cli/doctor.ts'
import { formatAmount, formatEther } from '../../../src/cli/format.ts'
import { nodeVersionProblem } from '../../../src/cli/node-version.ts'
import { describeStartError } from '../../../src/cli/start-error.ts'
import { nearest } from '../../../src/cli/suggest.ts'

describe('nodeVersionProblem', () => {
  it.each([
    ['20.19.0', undefined],
    ['20.20.2', undefined],
    ['22.0.0', undefined],
    ['24.1.0', undefined],
    ['20.18.3', 'needs Node 20.19 or newer, this is 20.18.3'],
    ['18.20.0', 'needs Node 20.19 or newer, this is 18.20.0'],
  ])('%s', (version, problem) => {
    expect(nodeVersionProblem(version)).toBe(problem)
  })
})

describe('describeStartError', () => {
  const server = { host: '127.0.0.1', port: 80, ipcPath: '/tmp/x.ipc' }
  const error = (message: string, fields: object): Error =>
    Object.assign(new Error(message), fields)

  it.each([
    [
      error('listen', { code: 'EADDRINUSE', syscall: 'listen', port: 80 }),
      'port 80 is in use on 127.0.0.1 (use --port, or --port 0 for a free one)',
    ],
    [
      error('listen', { code: 'EACCES', syscall: 'listen', port: 80 }),
      'port 80 needs more rights on 127.0.0.1 (use --port with a number above 1023)',
    ],
    [
      error('listen', { code: 'EADDRNOTAVAIL', syscall: 'listen', port: 80 }),
      '127.0.0.1 is not an address of this machine (use --host 127.0.0.1)',
    ],
    [
      error('getaddrinfo', { code: 'ENOTFOUND', syscall: 'getaddrinfo' }),
      'the host name 127.0.0.1 is not known',
    ],
    [
      error('listen', { code: 'EACCES', syscall: 'listen', address: '/tmp/x.ipc', port: -1 }),
      'the IPC path /tmp/x.ipc cannot be used (EACCES)',
    ],
    [
      error('listen', { code: 'EADDRINUSE', syscall: 'listen', address: '/tmp/x.ipc' }),
      'the IPC path /tmp/x.ipc cannot be used (EADDRINUSE)',
    ],
    [
      error('listen EMFILE\nmore', { code: 'EMFILE', syscall: 'listen', port: 80 }),
      'cannot listen on 127.0.0.1:80: listen EMFILE',
    ],
    [new Error('the data folder x is damaged: y\n  at z'), 'the data folder x is damaged: y'],
    [new Error(''), 'an error without a message'],
    ['text', 'text'],
  ])('%#', (thrown, text) => {
    expect(describeStartError(thrown, server)).toBe(text)
  })
})

describe('wantsColor', () => {
  it.each([
    ['auto', {}, true, true],
    [undefined, {}, true, true],
    [undefined, {}, undefined, false],
    ['always', { NO_COLOR: '1' }, false, true],
    ['never', { FORCE_COLOR: '1' }, true, false],
    [undefined, { NO_COLOR: '1' }, true, false],
    [undefined, { NO_COLOR: '' }, true, true],
    [undefined, { FORCE_COLOR: '1' }, false, true],
    [undefined, { FORCE_COLOR: '0' }, true, false],
    [undefined, { TERM: 'dumb' }, true, false],
  ] as const)('%#', (wanted, variables, isTerminal, answer) => {
    expect(wantsColor(wanted, variables, isTerminal)).toBe(answer)
  })
})

describe('amounts', () => {
  it.each([
    [0n, '0.000000000000000000', '0 ETH'],
    [1n, '0.000000000000000001', '1 wei'],
    [10n ** 9n, '0.000000001000000000', '0.000000001 ETH'],
    [15n * 10n ** 17n, '1.500000000000000000', '1.5 ETH'],
    [10n ** 22n, '10000.000000000000000000', '10000 ETH'],
  ])('%s', (wei, whole, short) => {
    expect(formatEther(wei)).toBe(whole)
    expect(formatAmount(wei)).toBe(short)
  })
})

describe('nearest', () => {
  const known = ['port', 'accounts', 'chainId', 'blockTime']

  it.each([
    ['prot', 'port'],
    ['Port', 'port'],
    ['acounts', 'accounts'],
    ['block-time', 'blockTime'],
    ['chain_id', 'chainId'],
    ['zzz', undefined],
    ['', undefined],
  ])('%s', (name, found) => {
    expect(nearest(name, known)).toBe(found)
  })
})

describe('what the doctor finds', () => {
  const missing = (names: readonly string[]) => (name: string) => {
    if (names.includes(name)) throw new Error(`Cannot find ${name}\nRequire stack`)
  }

  it('names the signatures in use and why better ones are not', () => {
    expect(findSignatures(missing([]))).toEqual({
      name: 'Signatures',
      state: 'good',
      text: 'secp256k1 (native, 0.07 ms a recovery)',
    })
    expect(findSignatures(missing(['native']))).toEqual({
      name: 'Signatures',
      state: 'slow',
      text: 'tiny-secp256k1 (WebAssembly, 0.4 ms a recovery); secp256k1: Cannot find native',
    })
    expect(findSignatures(missing(['native', 'wasm', 'javascript']))).toEqual({
      name: 'Signatures',
      state: 'bad',
      text:
        'secp256k1: Cannot find native; tiny-secp256k1: Cannot find wasm; ' +
        '@noble/curves: Cannot find javascript',
    })
  })

  it('names what makes blob proofs', () => {
    expect(findKzg(missing([])).text).toBe('c-kzg (native)')
    expect(findKzg(missing(['c-kzg']))).toEqual({
      name: 'KZG',
      state: 'slow',
      text: 'micro-eth-signer (JavaScript); c-kzg: Cannot find c-kzg',
    })
    expect(findKzg(missing(['c-kzg', 'micro-eth-signer/kzg.js'])).text).toBe(
      'blob transactions do not work; c-kzg: Cannot find c-kzg; ' +
        'micro-eth-signer: Cannot find micro-eth-signer/kzg.js',
    )
  })

  it('says whether chains can be kept', () => {
    expect(findLevel(missing([])).text).toBe('classic-level (native)')
    expect(findLevel(missing(['classic-level']))).toEqual({
      name: 'LevelDB',
      state: 'slow',
      text: '--data-dir does not work, chains in memory do; classic-level: Cannot find classic-level',
    })
  })

  it('says where it looked for artefacts', () => {
    expect(findArtefacts(['nowhere', 'neither']).text).toBe('none in nowhere, neither')
  })
})
