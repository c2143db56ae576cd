import { connect } from 'node:net'

import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'

import { createNode } from '../../src/node/create-node.ts'
import { createRpc } from '../../src/rpc/rpc.ts'
import type { Listening } from '../../src/rpc/transport/server.ts'
import { SERVE, type WireAnswer, wireBackend } from '../support/rpc.ts'
import { SEEDS } from './fuzz-seeds.ts'

// The edge alone first, with no execution behind it, then a whole node. What it asserts: every message gets a JSON-RPC answer or a clean end, no
// answer owns up to a bug (-32603), and the server answers the next client.

const MAX_BODY = 200_000
const bugs: unknown[] = []
const rpc = createRpc(wireBackend(), { onBug: (error) => bugs.push(error) })
let server: Listening

beforeAll(async () => {
  server = await rpc.serve({ ...SERVE, maxBodyBytes: MAX_BODY })
})
afterAll(() => rpc.close())

const KNOWN = [...(await methodNames())]

async function methodNames(): Promise<readonly string[]> {
  const document = (await rpc.request({ method: 'rpc_discover' })) as unknown as {
    readonly methods: readonly { readonly name: string }[]
  }
  // These two wait by their nature.
  return document.methods.map(({ name }) => name).filter((name) => !name.endsWith('Sync'))
}

const VALUES: readonly unknown[] = [
  'latest pending earliest safe 0x 0x0 0x00 null __proto__ -1'.split(' '),
  ['', null, true, false, 0, -1, 1.5, 1e21, Number.MAX_SAFE_INTEGER, -0, 5e-324],
  ['f'.repeat(64), `${'0'.repeat(63)}1`, 'ab'.repeat(20), 'AB'.repeat(32)].map((hex) => `0x${hex}`),
].flat()
const hexText = fc.stringMatching(/^0x[0-9a-fA-F]{0,80}g?$/)
const scalar = fc.oneof(
  fc.constantFrom(...VALUES),
  hexText,
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.double({ noNaN: true }),
  fc.integer(),
)
const KEYS = [
  'from to data input gas gasPrice value nonce',
  'type accessList blobs address topics fromBlock toBlock blockHash',
  'blockNumber requireCanonical storageKeys authorizationList chainId tracer tracerConfig stateOverrides',
  'balance code state stateDiff forking timestamp blocks time',
  'baseFeePerGas types primaryType domain message EIP712Domain __proto__ constructor',
  'length',
].flatMap((line) => line.split(' '))
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...KEYS), hexText, fc.string()), tie('value'), {
      maxKeys: 6,
    }),
  ),
})).value
const call = fc.record(
  {
    jsonrpc: fc.oneof({ weight: 9, arbitrary: fc.constant('2.0') }, value),
    id: fc.oneof({ weight: 9, arbitrary: fc.integer() }, value),
    method: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...KNOWN) }, value),
    params: fc.oneof({ weight: 9, arbitrary: fc.array(value, { maxLength: 5 }) }, value),
  },
  { requiredKeys: ['jsonrpc', 'method'] },
)

/** Fields of Etherscan's forms. */
const FORM =
  'module action contractaddress sourceCode codeformat contractname compilerversion constructorArguements guid address contractaddresses chainid runs libraryname1'.split(
    ' ',
  )

/** Calls whose parameters have the right shape more often than not. */
const ADDRESS = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266'
const code = fc
  .uint8Array({ maxLength: 40 })
  .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}`)
const fields = fc.record(
  {
    from: fc.constantFrom(ADDRESS, `0x${'11'.repeat(20)}`),
    to: fc.constantFrom(ADDRESS, null, `0x${'00'.repeat(19)}01`, `0x${'00'.repeat(19)}0a`),
    data: code,
    gas: fc.constantFrom('0x0', '0x5208', '0x1c9c380', '0xffffffffffffffff'),
    value: fc.constantFrom('0x0', '0x1', `0x${'f'.repeat(64)}`),
    nonce: fc.constantFrom('0x0', '0x5', '0xffffffffffffffff'),
    type: fc.constantFrom('0x0', '0x1', '0x2', '0x3', '0x4'),
    gasPrice: fc.constantFrom('0x0', '0x77359400', `0x${'f'.repeat(64)}`),
    accessList: fc.constantFrom([], [{ address: ADDRESS, storageKeys: ['0x0'] }]),
    authorizationList: fc.constantFrom(
      [],
      [{ chainId: 0, address: ADDRESS, nonce: 0, yParity: 9, r: 1, s: 2 }],
    ),
    blobVersionedHashes: fc.constantFrom([], [`0x01${'0'.repeat(62)}`]),
    maxFeePerBlobGas: fc.constantFrom('0x0', '0x1'),
  },
  { requiredKeys: [] },
)
const KINDS = ['trace', 'vmTrace', 'stateDiff']
const TRACERS = ['callTracer', 'parityTracer', 'prestateTracer', 'opcodeGasTracer', undefined]
/** Traces, and calls one after another. */
const traced = fc
  .tuple(
    fc.constantFrom('trace_call', 'trace_callMany', 'eth_callMany', 'debug_traceCallMany'),
    fc.array(fields, { minLength: 1, maxLength: 3 }),
    fc.subarray(KINDS),
    fc.constantFrom('latest', 'pending', '0x0', '0x9999'),
    fc.constantFrom(...TRACERS),
  )
  .map(([name, calls, kinds, at, tracer]) => {
    const bundles = [[{ transactions: calls }], { blockNumber: at, transactionIndex: 0 }]
    const tracerConfig = Object.fromEntries(kinds.map((kind) => [kind, true]))
    const params: Record<string, unknown[]> = {
      trace_call: [calls[0], kinds, at],
      trace_callMany: [calls.map((one) => [one, kinds]), at],
      eth_callMany: bundles,
      debug_traceCallMany: [...bundles, { tracer, tracerConfig }],
    }
    return { jsonrpc: '2.0', id: 1, method: name, params: params[name] }
  })
const EXECUTING =
  'eth_call eth_estimateGas eth_createAccessList eth_sendTransaction debug_traceCall eth_fillTransaction'
const usual = fc
  .tuple(
    fc.constantFrom(...EXECUTING.split(' ')),
    fields,
    fc.constantFrom('latest', 'pending', '0x0', 'safe'),
    fc.constantFrom(
      undefined,
      {},
      { [ADDRESS]: { code: '0x60aa60005260206000fd', balance: '0x0' } },
    ),
  )
  .map(([name, transaction, at, third]) => ({
    jsonrpc: '2.0',
    id: 1,
    method: name,
    params: /call|estimate/i.test(name) ? [transaction, at, third] : [transaction],
  }))

function expectAnswer(answer: WireAnswer): void {
  expect(answer.jsonrpc).toBe('2.0')
  expect('id' in answer).toBe(true)
  expect('result' in answer !== 'error' in answer).toBe(true)
  if (answer.error === undefined) return
  expect(Number.isInteger(answer.error.code)).toBe(true)
  expect(answer.error.code).not.toBe(-32603)
  expect(answer.error.message.length).toBeGreaterThan(0)
  expect(answer.error.message.length).toBeLessThan(2_000)
}

function expectAnswers(text: string | undefined): void {
  if (text === undefined) return
  const answers = JSON.parse(text) as WireAnswer | readonly WireAnswer[]
  for (const answer of [answers].flat() as WireAnswer[]) expectAnswer(answer)
}

async function expectAlive(): Promise<void> {
  const body = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}'
  const answer = await fetch(`http://127.0.0.1:${server.port}`, { method: 'POST', body })
  expect(((await answer.json()) as WireAnswer).result).toMatch(/^0x/)
  expect(bugs).toEqual([])
}

async function post(body: string): Promise<string | undefined> {
  const answer = await fetch(`http://127.0.0.1:${server.port}`, { method: 'POST', body })
  expect([200, 204]).toContain(answer.status)
  return answer.status === 204 ? undefined : answer.text()
}

/** The same runs every time; FUZZ_RUNS=5000 FUZZ_SEED=7 looks further. */
const RUNS = {
  numRuns: Number(process.env['FUZZ_RUNS'] ?? 300),
  seed: Number(process.env['FUZZ_SEED'] ?? 1),
}

describe('the dispatcher', () => {
  it('answers calls of any shape', async () => {
    await fc.assert(
      fc.asyncProperty(call, async (one) => expectAnswers(await rpc.handle(JSON.stringify(one)))),
      { ...RUNS, numRuns: RUNS.numRuns * 10 },
    )
    expect(bugs).toEqual([])
  })

  it('answers any JSON, and any text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.array(call).map((calls) => JSON.stringify(calls)),
        ),
        async (text) => expectAnswers(await rpc.handle(text)),
      ),
      RUNS,
    )
    expect(bugs).toEqual([])
  })

  it('answers JSON that is cut anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(call, fc.nat(), async (one, place) => {
        const text = JSON.stringify(one)
        expectAnswers(await rpc.handle(text.slice(0, place % (text.length + 1))))
      }),
      RUNS,
    )
  })

  it.each(SEEDS)('still answers what once went wrong: %s', async (_, text) => {
    expectAnswers(await rpc.handle(text))
    expect(bugs).toEqual([])
  })
})

describe('HTTP', () => {
  it('answers deep nesting', async () => {
    for (const depth of [10, 1_000, 50_000]) {
      const deep = `${'['.repeat(depth)}${']'.repeat(depth)}`
      expectAnswers(await post(deep))
      expectAnswers(await post(`{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[${deep}]}`))
      expectAnswers(
        await post(`{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":${deep}}`),
      )
      const objects = `${'{"a":'.repeat(depth / 2)}1${'}'.repeat(depth / 2)}`
      expectAnswers(await post(`{"jsonrpc":"2.0","id":${objects},"method":"eth_chainId"}`))
      expectAnswers(await post('['.repeat(depth)))
      const typed = `{"types":${objects},"message":${objects},"primaryType":"x"}`
      const signing = `["0x${'ab'.repeat(20)}",${typed}]`
      expectAnswers(
        await post(`{"jsonrpc":"2.0","id":1,"method":"eth_signTypedData_v4","params":${signing}}`),
      )
    }
    await expectAlive()
  })

  it('answers huge batches', async () => {
    const one = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}'
    for (const count of [1_000, 1_001, 4_000]) {
      expectAnswers(await post(`[${Array.from({ length: count }, () => one).join(',')}]`))
    }
    expectAnswers(await post(`[${Array.from({ length: 1_000 }, () => '1').join(',')}]`))
    expectAnswers(await post(' '.repeat(MAX_BODY + 1)))
    await expectAlive()
  })

  it("answers verifiers' requests of any shape, with a status and JSON", async () => {
    const form = fc.dictionary(
      fc.oneof(fc.constantFrom(...FORM), fc.string()),
      fc.oneof(hexText, fc.string(), fc.json()),
    )
    const target = fc.constantFrom(
      '/api',
      '/v2/api?chainid=31337',
      '/api?module=contract&action=getabi',
    )
    const asked = fc.oneof(
      fc.record({
        path: target,
        type: fc.constant('application/x-www-form-urlencoded'),
        body: form.map((one) => new URLSearchParams(one).toString()),
      }),
      fc.record({
        path: target,
        type: fc.constant('multipart/form-data; boundary=x'),
        body: fc.string(),
      }),
      fc.record({
        path: fc
          .tuple(
            fc.constantFrom('', '/server'),
            fc.constantFrom('/verify', '/v2/verify/31337/0x1', `/v2/verify/31337/${ADDRESS}`),
          )
          .map((parts) => parts.join('')),
        type: fc.constant('application/json'),
        body: fc.oneof(
          fc.json(),
          fc.string(),
          fc
            .dictionary(
              fc.constantFrom(
                'stdJsonInput',
                'files',
                'contractIdentifier',
                'compilerVersion',
                'address',
                'chain',
              ),
              value,
            )
            .map((one) => JSON.stringify(one)),
        ),
      }),
    )
    await fc.assert(
      fc.asyncProperty(asked, async ({ path, type, body }) => {
        const url = `http://127.0.0.1:${server.port}${path}`
        const answer = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body })
        expect(answer.status).toBeLessThan(500)
        expect(typeof (await answer.json())).toBe('object')
      }),
      { ...RUNS, numRuns: RUNS.numRuns / 2 },
    )
    const gets = fc.tuple(
      fc.constantFrom(
        '/api?',
        '/v2/contract/31337/',
        '/v2/verify/',
        '/check-by-addresses?addresses=',
      ),
      fc.webQueryParameters(),
    )
    await fc.assert(
      fc.asyncProperty(gets, async ([path, query]) => {
        const answer = await fetch(`http://127.0.0.1:${server.port}${path}${query}`)
        expect(answer.status).toBeLessThan(500)
        await answer.arrayBuffer()
      }),
      { ...RUNS, numRuns: RUNS.numRuns / 2 },
    )
    await expectAlive()
  })

  it('answers bytes that are no text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const url = `http://127.0.0.1:${server.port}`
        const answer = await fetch(url, { method: 'POST', body: new Uint8Array(bytes) })
        expectAnswers(await answer.text())
      }),
      { ...RUNS, numRuns: 50 },
    )
    await expectAlive()
  })
})

/** Writes to a bare socket, ends it, and waits until it is closed from either side. */
function throwAt(chunks: readonly (string | Uint8Array)[], reset: boolean): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.1', () => {
      for (const chunk of chunks) socket.write(chunk)
      if (reset) socket.resetAndDestroy()
      else socket.end()
    })
    let got = ''
    socket.on('data', (chunk) => (got += chunk.toString('latin1')))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(got))
  })
}

describe('bare sockets', () => {
  const start = fc.constantFrom(
    'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
    'GET /%00%ff/../ HTTP/1.0\r\n\r\n',
    'OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '',
  )

  it('get an HTTP answer or an end, cut or reset as they may be', async () => {
    await fc.assert(
      fc.asyncProperty(
        start,
        fc.array(fc.uint8Array({ maxLength: 50 })),
        fc.boolean(),
        async (head, rest, reset) => {
          const got = await throwAt([head, ...rest], reset)
          if (got !== '') expect(got).toMatch(/^HTTP\/1\.1 \d{3} /)
        },
      ),
      { ...RUNS, numRuns: 100 },
    )
    await expectAlive()
  })
})

const HANDSHAKE =
  'GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n'

/** A masked frame, whose header may claim another length than it has. */
function frame(opcode: number, payload: Uint8Array, claimed: number, final: boolean): Uint8Array {
  const head = Buffer.alloc(8)
  head[0] = (final ? 0x80 : 0) | opcode
  head[1] = 0x80 | 126
  head.writeUInt16BE(claimed, 2)
  return Buffer.concat([head, payload])
}

describe('WebSocket', () => {
  it('survives frames that are cut, wrong or endless', async () => {
    const broken = fc
      .record({
        opcode: fc.nat({ max: 15 }),
        payload: fc.uint8Array({ maxLength: 100 }),
        extra: fc.integer({ min: -5, max: 60_000 }),
        final: fc.boolean(),
      })
      .map(({ opcode, payload, extra, final }) =>
        frame(opcode, payload, Math.max(0, Math.min(65_535, payload.length + extra)), final),
      )
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(broken, fc.uint8Array({ maxLength: 30 })), {
          minLength: 1,
          maxLength: 5,
        }),
        fc.boolean(),
        async (frames, reset) => {
          await throwAt([HANDSHAKE, ...frames], reset)
        },
      ),
      { ...RUNS, numRuns: 100 },
    )
    await expectAlive()
  })

  it('answers calls of any shape, one for one', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}`)
    await new Promise((resolve) => socket.on('open', resolve))
    let wake: (() => void) | undefined
    const answers: string[] = []
    socket.on('message', (data: Buffer) => {
      const text = data.toString()
      if (!text.includes('eth_subscription')) answers.push(text)
      wake?.()
    })
    await fc.assert(
      fc.asyncProperty(call, async (one) => {
        answers.length = 0
        socket.send(JSON.stringify(one))
        // A mark behind it: a notification is not answered at all.
        socket.send('{"jsonrpc":"2.0","id":"mark","method":"eth_chainId"}')
        while (
          !answers.some((text) => text.includes('"mark"')) ||
          (answers.length < 2 && 'id' in one && one.id !== undefined)
        ) {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
        for (const text of answers) expectAnswers(text)
      }),
      RUNS,
    )
    socket.terminate()
    await expectAlive()
  })
})

describe('a whole node', () => {
  // What mines or waits for long when it is asked to.
  const slow = /mine|Sync$|IntervalMining$|rollback/

  it('answers calls of any shape, and goes on mining', async () => {
    await using node = await createNode({ workers: 1 })
    const { port } = await node.serve({ ...SERVE })
    const found: string[] = []
    node.listen((event) => {
      if (event.kind === 'notice' && event.text.includes('a bug')) found.push(event.text)
    })
    const send = async (message: unknown) => {
      const body = JSON.stringify(message)
      const answer = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body })
      return answer.status === 204 ? undefined : answer.text()
    }
    await fc.assert(
      fc.asyncProperty(fc.oneof(call, usual, traced), async (one) => {
        if (typeof one.method === 'string' && slow.test(one.method)) return
        const answer = await send(one)
        // With the stack, which the answer does not have.
        expect(found).toEqual([])
        expectAnswers(answer)
      }),
      { ...RUNS, numRuns: RUNS.numRuns * 3 },
    )
    const mined = await send({ jsonrpc: '2.0', id: 1, method: 'evm_mine' })
    expect(JSON.parse(mined!)).toMatchObject({ result: '0x0' })
  })
})
