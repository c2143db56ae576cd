import { randomUUID } from 'node:crypto'

import type { Context, Hono } from 'hono'

import type { Json } from '../backend.ts'
import { creationOf } from '../calls-of-address.ts'
import type { Match, VerifiedContract } from '../verification-port.ts'
import { addressIn, claimOfBody, claimOfFiles, isRecord, textOf } from './claim.ts'
import type { Job, Verification } from './jobs.ts'

const WAIT_MS = 10_000
/** Version 1 answers when it is done. */
const FILES_WAIT_MS = 60_000
const MAX_CHECKED = 100
/** Beside which Sourcify's server has its API. */
const PREFIXES = ['', '/server']

/** Sourcify's API: version 2, by which forge and Hardhat 3 verify, and of version 1 what older ones use. */
export function addSourcify(app: Hono, verification: Verification): void {
  for (const prefix of PREFIXES) {
    app.post(`${prefix}/v2/verify/:chainId/:address`, (context) => submit(context, verification))
    app.get(`${prefix}/v2/verify/:id`, (context) => job(context, verification))
    app.get(`${prefix}/v2/contract/:chainId/:address`, (context) => lookUp(context, verification))
    app.post(`${prefix}/verify`, (context) => submitFiles(context, verification))
    app.get(`${prefix}/check-by-addresses`, (context) =>
      check(context, verification, (chainId, status) => ({ status, chainIds: [chainId] })),
    )
    app.get(`${prefix}/check-all-by-addresses`, (context) =>
      check(context, verification, (chainId, status) => ({ chainIds: [{ chainId, status }] })),
    )
  }
}

async function submit(context: Context, verification: Verification): Promise<Response> {
  const { chainId = '', address = '' } = context.req.param()
  const other = wrongChain(verification, chainId)
  if (other !== undefined) return fault(context, 400, 'unsupported_chain', other)
  const body = await jsonOf(context)
  if (body === undefined) return fault(context, 400, 'invalid_json', 'the body is no JSON object')
  const read = claimOfBody(body, address)
  if (read.kind === 'wrong') return fault(context, 400, 'invalid_parameter', read.reason)
  const { backend, jobs } = verification
  const known = await backend.verification.verified(read.claim.address)
  if (known?.runtime === 'exact' && known.creation === 'exact') {
    return fault(context, 409, 'already_verified', `${address} is verified already, exactly`)
  }
  const started = jobs.submit(read.claim)
  if (started === undefined) {
    return fault(context, 429, 'too_many_requests', 'too many contracts wait to be verified')
  }
  return context.json({ verificationId: started.id }, 202)
}

async function job(context: Context, verification: Verification): Promise<Response> {
  const id = context.req.param('id') ?? ''
  const found = await verification.jobs.after(id, WAIT_MS)
  if (found === undefined) {
    return fault(context, 404, 'job_not_found', `there is no verification ${id.slice(0, 50)}`)
  }
  return context.json(describeJob(verification, found))
}

function describeJob({ backend }: Verification, { id, address, verdict, ...times }: Job): Json {
  const chainId = `${backend.chain.config.chainId}`
  const isDone = verdict !== undefined
  return {
    isJobCompleted: isDone,
    verificationId: id,
    jobStartTime: timeOf(times.startedAtMs),
    ...(times.finishedAtMs !== undefined && { jobFinishTime: timeOf(times.finishedAtMs) }),
    contract:
      verdict?.kind === 'verified'
        ? matchesOf(verdict.contract, chainId)
        : { match: null, creationMatch: null, runtimeMatch: null, chainId, address },
    ...(verdict?.kind === 'refused' && {
      error: { customCode: 'no_match', message: verdict.reason, errorId: id },
    }),
  }
}

async function lookUp(context: Context, verification: Verification): Promise<Response> {
  const { chainId = '', address: text = '' } = context.req.param()
  const other = wrongChain(verification, chainId)
  if (other !== undefined) return fault(context, 400, 'unsupported_chain', other)
  const address = addressIn(text)
  if (address === undefined) {
    return fault(context, 400, 'invalid_parameter', `"${text.slice(0, 50)}" is no address`)
  }
  const contract = await verification.backend.verification.verified(address)
  const nothing = { match: null, creationMatch: null, runtimeMatch: null, chainId, address: text }
  if (contract === undefined) return context.json(nothing, 404)
  const details = await detailsOf(verification, contract)
  const wanted = (context.req.query('fields') ?? '').split(',').filter((name) => name !== '')
  const left = (context.req.query('omit') ?? '').split(',')
  const isAll =
    wanted.includes('all') || (wanted.length === 0 && context.req.query('omit') !== undefined)
  const unknown = wanted.find((name) => name !== 'all' && !(name.split('.')[0]! in details))
  if (unknown !== undefined) {
    const names = Object.keys(details).join(', ')
    return fault(
      context,
      400,
      'invalid_parameter',
      `\`fields\`: expected all or ${names}, got ${unknown.slice(0, 50)}`,
    )
  }
  const shown = Object.entries(details).filter(
    ([name]) =>
      (isAll || wanted.some((each) => each.split('.')[0] === name)) && !left.includes(name),
  )
  return context.json({ ...matchesOf(contract, chainId), ...Object.fromEntries(shown) })
}

/** What `fields` names. */
async function detailsOf(
  { context, backend }: Verification,
  contract: VerifiedContract,
): Promise<Readonly<Record<string, Json>>> {
  const { input, abi, metadata, storageLayout, name, source, compiler, address } = contract
  const creation = await creationOf(context, address).catch(() => undefined)
  const place = creation && backend.chain.transaction(creation.hash)?.place
  return {
    abi: abi as Json,
    sources: (isRecord(input['sources']) ? input['sources'] : {}) as Json,
    metadata: metadata as Json,
    storageLayout: (storageLayout ?? null) as Json,
    stdJsonInput: input as Json,
    compilation: {
      language: textOf(input, 'language'),
      compiler: 'solc',
      compilerVersion: compiler,
      compilerSettings: (input['settings'] ?? {}) as Json,
      name,
      fullyQualifiedName: `${source}:${name}`,
    },
    deployment: {
      transactionHash: creation?.hash ?? null,
      blockNumber: place === undefined ? null : `${place.header.number}`,
      transactionIndex: place === undefined ? null : `${place.index}`,
      deployer: creation?.creator ?? null,
    },
    proxyResolution: await proxyOf(backend, contract),
  }
}

async function proxyOf(
  backend: Verification['backend'],
  contract: VerifiedContract,
): Promise<Json> {
  const known = await backend.contracts.at(contract.address, { kind: 'tag', tag: 'latest' })
  const behind = known.kind === 'looked' ? known.contract?.implementation : undefined
  return {
    isProxy: behind !== undefined,
    proxyType: null,
    implementations: behind === undefined ? [] : [{ address: behind }],
  }
}

function matchesOf(contract: VerifiedContract, chainId: string) {
  const { address, runtime, creation, verifiedAtMs } = contract
  const creationMatch = creation === undefined ? null : nameOf(creation)
  const runtimeMatch = nameOf(runtime)
  const isExact = creationMatch === 'exact_match' || runtimeMatch === 'exact_match'
  return {
    matchId: address,
    match: isExact ? 'exact_match' : 'match',
    creationMatch,
    runtimeMatch,
    chainId,
    address,
    verifiedAt: timeOf(verifiedAtMs),
  }
}

function nameOf(match: Match): string {
  return match === 'exact' ? 'exact_match' : 'match'
}

/** Version 1: the answer has the verdict. */
async function submitFiles(context: Context, verification: Verification): Promise<Response> {
  const body = await jsonOf(context)
  if (body === undefined) return context.json({ error: 'the body is no JSON object' }, 400)
  const { backend, jobs } = verification
  const other = wrongChain(verification, textOf(body, 'chain') || textOf(body, 'chainId'))
  if (other !== undefined) return context.json({ error: other }, 400)
  const read = claimOfFiles(body)
  if (read.kind === 'wrong') return context.json({ error: read.reason }, 400)
  const started = jobs.submit(read.claim)
  if (started === undefined) return context.json({ error: 'too many contracts wait' }, 429)
  const done = await jobs.after(started.id, FILES_WAIT_MS)
  const { address } = read.claim
  const chainId = `${backend.chain.config.chainId}`
  if (done?.verdict?.kind === 'verified') {
    const status = statusOf(done.verdict.contract)
    return context.json({ result: [{ address, chainId, status }] })
  }
  const error = done?.verdict?.kind === 'refused' ? done.verdict.reason : 'it takes too long'
  return context.json({ error }, done?.verdict === undefined ? 500 : 400)
}

/** Version 1. */
async function check(
  context: Context,
  { backend }: Verification,
  show: (chainId: string, status: string) => Readonly<Record<string, Json>>,
): Promise<Response> {
  const chainId = `${backend.chain.config.chainId}`
  const asked = (context.req.query('addresses') ?? '').split(',').slice(0, MAX_CHECKED)
  const statuses: Json[] = []
  for (const text of asked) {
    const address = addressIn(text)
    const contract = address && (await backend.verification.verified(address))
    const shown = contract === undefined ? { status: 'false' } : show(chainId, statusOf(contract))
    statuses.push({ address: text, ...shown })
  }
  return context.json(statuses)
}

function statusOf({ runtime }: VerifiedContract): string {
  return runtime === 'exact' ? 'perfect' : 'partial'
}

function wrongChain({ backend }: Verification, chainId: string): string | undefined {
  const own = `${backend.chain.config.chainId}`
  return chainId === own ? undefined : `this chain is ${own}, not "${chainId.slice(0, 20)}"`
}

async function jsonOf(context: Context): Promise<Readonly<Record<string, unknown>> | undefined> {
  const body: unknown = await context.req.json().catch(() => undefined)
  return isRecord(body) ? body : undefined
}

function fault(
  context: Context,
  status: 400 | 404 | 409 | 429,
  customCode: string,
  message: string,
): Response {
  return context.json({ customCode, message, errorId: randomUUID() }, status)
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}
