import type { Context, Hono } from 'hono'

import type { Json } from '../backend.ts'
import { creationOf } from '../calls-of-address.ts'
import { bytesToHex } from '../../primitives/hex.ts'
import type { VerifiedContract } from '../verification-port.ts'
import { addressIn, claimOfForm, isRecord, textOf } from './claim.ts'
import type { Verification } from './jobs.ts'

type Fields = Readonly<Record<string, string>>

const UNVERIFIED = 'Contract source code not verified'
/** As Etherscan's own limit. */
const MAX_CREATIONS = 5
const WAIT_MS = 10_000

/** Etherscan's API of contracts (also as version 2, with `chainid`), as far as tools verify by it and read what was verified. */
export function addEtherscan(app: Hono, verification: Verification): void {
  for (const path of ['/api', '/v2/api']) {
    app.get(path, (context) => reply(context, verification, context.req.query()))
    app.post(path, async (context) => {
      // What is no form has no fields: then what is missing is named.
      const body = await context.req.parseBody().catch(() => ({}))
      return reply(context, verification, { ...context.req.query(), ...textsOf(body) })
    })
  }
}

function textsOf(body: Readonly<Record<string, unknown>>): Fields {
  return Object.fromEntries(
    Object.entries(body).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

type Result =
  | { readonly kind: 'ok'; readonly result: Json }
  | { readonly kind: 'not'; readonly result: Json }

async function reply(
  context: Context,
  verification: Verification,
  fields: Fields,
): Promise<Response> {
  const chainId = `${verification.backend.chain.config.chainId}`
  const asked = fields['chainid'] ?? chainId
  const result =
    asked === chainId
      ? await answer(verification, fields)
      : not(`Unsupported chainid: this chain is ${chainId}, not ${asked.slice(0, 20)}`)
  return context.json(
    result.kind === 'ok'
      ? { status: '1', message: 'OK', result: result.result }
      : { status: '0', message: 'NOTOK', result: result.result },
  )
}

async function answer(verification: Verification, fields: Fields): Promise<Result> {
  const module = textOf(fields, 'module')
  const action = textOf(fields, 'action')
  if (module !== 'contract') {
    return not(
      `Error! Missing or invalid Module name: expected "contract", got "${module.slice(0, 30)}"`,
    )
  }
  switch (action) {
    case 'verifysourcecode':
      return submit(verification, fields)
    case 'checkverifystatus':
      return status(verification, textOf(fields, 'guid'))
    case 'getabi':
      return about(verification, fields, ({ abi }) => JSON.stringify(abi), not(UNVERIFIED))
    case 'getsourcecode':
      return about(verification, fields, sourceOf, ok([NOTHING_KNOWN]))
    case 'getcontractcreation':
      return creations(verification, fields)
    default:
      return not(`Error! Missing or invalid Action name: "${action.slice(0, 30)}" is not there`)
  }
}

function submit({ jobs }: Verification, fields: Fields): Result {
  const read = claimOfForm(fields)
  if (read.kind === 'wrong') return not(read.reason)
  const job = jobs.submit(read.claim)
  return job === undefined
    ? not('Max rate limit reached: too many wait to be verified')
    : ok(job.id)
}

async function status({ jobs }: Verification, id: string): Promise<Result> {
  const job = await jobs.after(id, WAIT_MS)
  if (job === undefined) return not(`Unknown guid "${id.slice(0, 50)}"`)
  if (job.verdict === undefined) return not('Pending in queue')
  if (job.verdict.kind === 'verified') return ok('Pass - Verified')
  return not(`Fail - Unable to verify: ${job.verdict.reason}`)
}

async function about(
  { backend }: Verification,
  fields: Fields,
  show: (contract: VerifiedContract, implementation: string) => Json,
  unknown: Result,
): Promise<Result> {
  const address = addressIn(textOf(fields, 'address'))
  if (address === undefined) return not('Invalid Address format')
  const contract = await backend.verification.verified(address)
  if (contract === undefined) return unknown
  const known = await backend.contracts.at(address, { kind: 'tag', tag: 'latest' })
  const behind = known.kind === 'looked' ? known.contract?.implementation : undefined
  return ok(show(contract, behind ?? ''))
}

const NOTHING_KNOWN: Json = {
  SourceCode: '',
  ABI: UNVERIFIED,
  ContractName: '',
  CompilerVersion: '',
  OptimizationUsed: '',
  Runs: '',
  ConstructorArguments: '',
  EVMVersion: 'Default',
  Library: '',
  LicenseType: 'Unknown',
  Proxy: '0',
  Implementation: '',
  SwarmSource: '',
}

/** The input in another pair of braces, by which Etherscan's readers tell it from a single file. */
function sourceOf(contract: VerifiedContract, implementation: string): Json {
  const { input, abi, name, source, compiler, constructorArguments } = contract
  const settings = isRecord(input['settings']) ? input['settings'] : {}
  const optimizer = isRecord(settings['optimizer']) ? settings['optimizer'] : {}
  const { evmVersion } = settings
  return [
    {
      SourceCode: `{${JSON.stringify(input)}}`,
      ABI: JSON.stringify(abi),
      ContractName: name,
      ContractFileName: source,
      CompilerVersion: `v${compiler}`,
      OptimizationUsed: optimizer['enabled'] === true ? '1' : '0',
      Runs: String(typeof optimizer['runs'] === 'number' ? optimizer['runs'] : 200),
      ConstructorArguments: constructorArguments?.slice(2) ?? '',
      EVMVersion: typeof evmVersion === 'string' ? evmVersion : 'Default',
      Library: '',
      LicenseType: 'Unknown',
      Proxy: implementation === '' ? '0' : '1',
      Implementation: implementation,
      SwarmSource: '',
    },
  ]
}

async function creations({ context, backend }: Verification, fields: Fields): Promise<Result> {
  const wanted = textOf(fields, 'contractaddresses').split(',').map(addressIn)
  if (wanted.length > MAX_CREATIONS || wanted.includes(undefined)) {
    return not(
      `Invalid Address format: expected up to ${MAX_CREATIONS} addresses with commas between`,
    )
  }
  const found: Json[] = []
  for (const address of wanted) {
    const creation = await creationOf(context, address!)
    if (creation === undefined) continue
    const header = backend.chain.transaction(creation.hash)?.place?.header
    found.push({
      contractAddress: address!,
      contractCreator: creation.sender,
      txHash: creation.hash,
      blockNumber: `${header?.number ?? ''}`,
      timestamp: `${header?.timestamp ?? ''}`,
      contractFactory: creation.creator === creation.sender ? '' : creation.creator,
      creationBytecode: bytesToHex(creation.initCode),
    })
  }
  if (found.length > 0) return ok(found)
  return { kind: 'not', result: 'No data found' }
}

function ok(result: Json): Result {
  return { kind: 'ok', result }
}

function not(result: Json): Result {
  return { kind: 'not', result }
}
