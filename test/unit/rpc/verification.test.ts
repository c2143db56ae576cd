import { request } from 'node:http'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { createRpc } from '../../../src/rpc/rpc.ts'
import type { Listening } from '../../../src/rpc/transport/server.ts'
import type { Claim, Verdict, VerifiedContract } from '../../../src/rpc/verification-port.ts'
import { ALICE, SERVE, wireBackend } from '../../support/rpc.ts'

const MAX_BODY = 20_000
const SOURCE = 'contract A {}'
const INPUT = { language: 'Solidity', sources: { 'a.sol': { content: SOURCE } }, settings: {} }
const METADATA = {
  compiler: { version: '0.8.28+commit.7893614a' },
  language: 'Solidity',
  settings: {
    compilationTarget: { 'src/a.sol': 'A' },
    optimizer: { enabled: true },
    libraries: {},
  },
  sources: { 'src/a.sol': { keccak256: '0x' } },
}

let verdict: Verdict
let claims: Claim[]
let known: VerifiedContract | undefined
let server: Listening

beforeAll(async () => {
  const backend = wireBackend()
  const rpc = createRpc({
    ...backend,
    verification: {
      async check(claim) {
        claims.push(claim)
        return verdict
      },
      verified: async () => known,
    },
  })
  server = await rpc.serve({ ...SERVE, maxBodyBytes: MAX_BODY })
})
afterAll(() => server.close())

const contract: VerifiedContract = {
  address: ALICE,
  name: 'A',
  source: 'a.sol',
  compiler: '0.8.28+commit.7893614a',
  input: { ...INPUT, settings: { optimizer: { enabled: true, runs: 999 }, evmVersion: 'cancun' } },
  abi: [{ type: 'receive' }],
  metadata: METADATA,
  storageLayout: { storage: [], types: null },
  runtime: 'exact',
  creation: 'metadata',
  constructorArguments: '0x07',
  verifiedAtMs: 0,
}

interface Answer {
  readonly status: number
  readonly text: string
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any
}

function send(path: string, body?: string, headers: Record<string, string> = {}): Promise<Answer> {
  const method = body === undefined ? 'GET' : 'POST'
  return new Promise((resolve, reject) => {
    const options = { port: server.port, host: '127.0.0.1', method, path, headers }
    const outgoing = request(options, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const isJson = /json/.test(incoming.headers['content-type'] ?? '')
        const json: unknown = isJson ? JSON.parse(text) : undefined
        resolve({ status: incoming.statusCode ?? 0, text, json })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const json = { 'content-type': 'application/json' }
const FIELDS = {
  module: 'contract',
  action: 'verifysourcecode',
  contractaddress: ALICE,
  codeformat: 'solidity-standard-json-input',
  contractname: 'a.sol:A',
  compilerversion: 'v0.8.28+commit.7893614a',
  sourceCode: JSON.stringify(INPUT),
  constructorArguements: '07',
}
const etherscan = (fields: Record<string, string>, path = '/api'): Promise<Answer> =>
  send(path, new URLSearchParams(fields).toString(), form)

function reset(next: Verdict = { kind: 'refused', reason: 'other code' }): void {
  verdict = next
  claims = []
  known = undefined
}

describe("Etherscan's API", () => {
  it('takes a claim, and says how it went', async () => {
    reset({ kind: 'verified', contract })
    const { json: submitted } = await etherscan(FIELDS)
    expect(submitted).toMatchObject({ status: '1', message: 'OK' })
    const check = { module: 'contract', action: 'checkverifystatus', guid: submitted.result }
    const passed = await etherscan(check, '/v2/api?chainid=31337')
    expect(passed.json).toEqual({ status: '1', message: 'OK', result: 'Pass - Verified' })
    expect(claims).toEqual([
      {
        address: ALICE,
        contract: 'a.sol:A',
        compiler: '0.8.28+commit.7893614a',
        input: INPUT,
        constructorArguments: '0x07',
      },
    ])
    reset()
    const { json: again } = await etherscan(FIELDS)
    const failed = await etherscan({ ...check, guid: again.result })
    expect(failed.json.result).toBe('Fail - Unable to verify: other code')
    expect((await etherscan({ ...check, guid: 'x' })).json.result).toBe('Unknown guid "x"')
  })

  it('takes a single file with its settings, and a name without a path', async () => {
    reset()
    const settings = { optimizationUsed: '1', runs: '7', evmversion: 'Paris', contractname: 'A' }
    const library = { libraryname1: 'Lib', libraryaddress1: ALICE }
    const single = { ...FIELDS, codeformat: 'solidity-single-file', sourceCode: SOURCE }
    await etherscan({ ...single, ...settings, ...library })
    expect(claims[0]?.input).toEqual({
      language: 'Solidity',
      sources: { 'Contract.sol': { content: SOURCE } },
      settings: {
        optimizer: { enabled: true, runs: 7 },
        evmVersion: 'paris',
        libraries: { 'Contract.sol': { Lib: ALICE } },
      },
    })
  })

  it.each([
    ['an address', { contractaddress: '0x12' }, '`address`: expected 0x and 40 digits, got "0x12"'],
    ['a version', { compilerversion: 'latest' }, "the compiler's version: expected 0.8.28"],
    ['a name', { contractname: '' }, 'the contract is not named'],
    ['a format', { codeformat: 'vyper-json' }, '`codeformat`: expected solidity-standard-json'],
    ['JSON', { sourceCode: '{' }, "expected the compiler's standard JSON input"],
    ['sources', { sourceCode: '{"language":"Solidity"}' }, '`sources`: there are none'],
    ['Solidity', { sourceCode: '{"language":"Vyper"}' }, 'only Solidity and Yul'],
    ['hex', { constructorArguements: '0x1' }, '`constructorArguments`: expected hex, got "0x1"'],
    [
      'texts of sources: a compiler reads URLs from the disk',
      {
        sourceCode: JSON.stringify({ ...INPUT, sources: { a: { urls: ['/etc/passwd'] } } }),
      },
      '`sources`: a has no `content`',
    ],
  ])('wants %s', async (_, wrong, reason) => {
    reset()
    const { json: answer } = await etherscan({ ...FIELDS, ...wrong })
    expect(answer).toMatchObject({ status: '0', message: 'NOTOK' })
    expect(answer.result).toContain(reason)
    expect(claims).toEqual([])
  })

  it('says what was verified, and what was not', async () => {
    reset()
    const ask = (action: string, more = '') =>
      send(`/api?module=contract&action=${action}&address=${ALICE}${more}`)
    expect((await ask('getabi')).json).toEqual({
      status: '0',
      message: 'NOTOK',
      result: 'Contract source code not verified',
    })
    expect((await ask('getsourcecode')).json.result[0]).toMatchObject({ SourceCode: '' })
    known = contract
    expect((await ask('getabi')).json.result).toBe('[{"type":"receive"}]')
    const [source] = (await ask('getsourcecode')).json.result
    expect(source).toMatchObject({
      ContractName: 'A',
      CompilerVersion: 'v0.8.28+commit.7893614a',
      OptimizationUsed: '1',
      Runs: '999',
      EVMVersion: 'cancun',
      ConstructorArguments: '07',
      Proxy: '0',
    })
    expect(JSON.parse(source.SourceCode.slice(1, -1))).toEqual(contract.input)
    const other = await ask('getabi', '&chainid=1')
    expect(other.json.result).toBe('Unsupported chainid: this chain is 31337, not 1')
    expect((await send('/api?module=account&action=balance')).json.result).toContain('Module name')
    expect((await send('/api?module=contract&action=no')).json.result).toContain('Action name')
  })

  it('leaves JSON on its path to JSON-RPC', async () => {
    const body = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}'
    for (const path of ['/api', '/v2/api', '/api/x', '/v2/verify']) {
      expect((await send(path, body, json)).json).toMatchObject({ result: '0x7a69' })
    }
  })
})

describe("Sourcify's API", () => {
  const body = JSON.stringify({
    stdJsonInput: INPUT,
    compilerVersion: '0.8.28+commit.7893614a',
    contractIdentifier: 'a.sol:A',
  })
  const nothing = { match: null, creationMatch: null, runtimeMatch: null }

  it.each(['', '/server'])('takes a claim, and says how it went: %s/v2', async (prefix) => {
    reset({ kind: 'verified', contract })
    const started = await send(`${prefix}/v2/verify/31337/${ALICE}`, body, json)
    expect(started.status).toBe(202)
    const { json: job } = await send(`${prefix}/v2/verify/${started.json.verificationId}`)
    expect(job).toMatchObject({
      isJobCompleted: true,
      contract: { match: 'exact_match', runtimeMatch: 'exact_match', creationMatch: 'match' },
    })
    reset()
    const { json: again } = await send(`${prefix}/v2/verify/31337/${ALICE}`, body, json)
    expect((await send(`${prefix}/v2/verify/${again.verificationId}`)).json).toMatchObject({
      isJobCompleted: true,
      contract: nothing,
      error: { customCode: 'no_match', message: 'other code' },
    })
  })

  it('refuses what it cannot take, with a code', async () => {
    reset()
    const code = async (path: string, sent?: string) => {
      const { status, json: answer } = await send(path, sent, json)
      return [status, answer.customCode]
    }
    expect(await code(`/v2/verify/1/${ALICE}`, body)).toEqual([400, 'unsupported_chain'])
    expect(await code(`/v2/verify/31337/${ALICE}`, '[')).toEqual([400, 'invalid_json'])
    expect(await code(`/v2/verify/31337/0x1`, body)).toEqual([400, 'invalid_parameter'])
    expect(await code('/v2/verify/none')).toEqual([404, 'job_not_found'])
    known = { ...contract, creation: 'exact' }
    expect(await code(`/v2/verify/31337/${ALICE}`, body)).toEqual([409, 'already_verified'])
  })

  it('shows what was verified, field by field', async () => {
    reset()
    const path = `/v2/contract/31337/${ALICE}`
    const unknown = await send(path)
    expect([unknown.status, unknown.json]).toMatchObject([404, nothing])
    known = contract
    expect((await send(path)).json).not.toHaveProperty('abi')
    const { json: some } = await send(`${path}?fields=abi,compilation.name`)
    expect(some).toMatchObject({ abi: contract.abi, compilation: { name: 'A' } })
    expect(some).not.toHaveProperty('sources')
    expect((await send(`${path}?fields=all`)).json).toMatchObject({ sources: INPUT.sources })
    expect((await send(`${path}?omit=sources`)).json).not.toHaveProperty('sources')
    expect((await send(`${path}?fields=colour`)).status).toBe(400)
  })

  it('takes files with their metadata, as its first version does', async () => {
    reset({ kind: 'verified', contract })
    const files = { 'metadata.json': JSON.stringify(METADATA), 'a.sol': SOURCE }
    const first = { address: ALICE, chain: '31337', files }
    const { json: answer } = await send('/server/verify', JSON.stringify(first), json)
    expect(answer).toEqual({ result: [{ address: ALICE, chainId: '31337', status: 'perfect' }] })
    expect(claims[0]).toMatchObject({
      contract: 'src/a.sol:A',
      input: { sources: { 'src/a.sol': { content: SOURCE } }, settings: { optimizer: {} } },
    })
    const less = { ...first, files: { 'metadata.json': JSON.stringify(METADATA) } }
    const { status, json: refused } = await send('/verify', JSON.stringify(less), json)
    expect([status, refused.error]).toEqual([
      400,
      '`files`: src/a.sol is missing, which the metadata names',
    ])
    known = contract
    const query = `addresses=${ALICE}&chainIds=31337`
    expect((await send(`/check-by-addresses?${query}`)).json).toEqual([
      { address: ALICE, status: 'perfect', chainIds: ['31337'] },
    ])
    expect((await send(`/server/check-all-by-addresses?${query}`)).json).toEqual([
      { address: ALICE, chainIds: [{ chainId: '31337', status: 'perfect' }] },
    ])
  })
})

it('a page of a foreign name, and a body that is too large, are kept out', async () => {
  reset()
  const body = new URLSearchParams(FIELDS).toString()
  const foreign = await send('/api', body, { ...form, host: 'rebound.example' })
  expect(foreign.status).toBe(403)
  const large = await send('/api', body + 'x'.repeat(MAX_BODY), form)
  expect(large.status).toBe(413)
  expect(large.json.message).toContain('--max-body')
  expect(claims).toEqual([])
})
