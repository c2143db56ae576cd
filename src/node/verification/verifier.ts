import type { Chain } from '../../chain/chain.ts'
import type { WriteBehind } from '../../chain/write-behind.ts'
import type { Address, Hash } from '../../primitives/hex.ts'
import type {
  Claim,
  Verdict,
  VerificationPort,
  VerifiedContract,
} from '../../rpc/verification-port.ts'
import { type ArtefactContract, readContracts } from '../artefact-files.ts'
import type { Artefacts } from '../artefacts.ts'
import { isRecord, textIn } from '../profiler/json.ts'
import { type Built, build, contractIn, parsedMetadata } from './build.ts'
import { KeptContracts } from './kept.ts'
import { type Creation, type Matched, matchCreation, matchRuntime } from './match.ts'

/** Contracts that are known to be verified; the oldest gives way. */
const MAX_KEPT = 1_000

interface VerifierParts {
  readonly chain: Chain
  readonly artefacts: Artefacts
  /** A data folder, which the next start has again. */
  readonly disk: WriteBehind | undefined
  /** Where the user's project is, whose compiler counts. */
  readonly root: string
  /** A line for the log, of each claim. */
  readonly tell: (text: string, level: 'info' | 'warn') => void
}

/** Verifies contracts at the chain's head. What was verified names traces and storage from then on, as long as the chain is kept. */
export function verificationPort({
  chain,
  artefacts,
  disk,
  root,
  tell,
}: VerifierParts): VerificationPort {
  const kept = new Map<Address, { readonly codeHash: Hash; readonly contract: VerifiedContract }>()
  const onDisk = new KeptContracts(disk)

  const restore = async (): Promise<void> => {
    for await (const { codeHash, contract, content } of onDisk.read()) {
      kept.set(contract.address, { codeHash, contract })
      if (content !== undefined) artefacts.add(content, `verified:${contract.address}`)
    }
  }
  const restored = restore().catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    tell(`what was verified before cannot be read: ${reason}`, 'warn')
  })
  /** One compilation at a time: there are few cores, and blocks are to be made. */
  let last: Promise<unknown> = restored

  const accountAt = (address: Address) => {
    const view = chain.view(chain.head.version)
    const account = view.account(address)
    if (account === undefined) return undefined
    return { codeHash: account.codeHash, code: view.code(account.codeHash) }
  }

  const check = async (claim: Claim, initCode: Uint8Array | undefined): Promise<Verdict> => {
    const { address } = claim
    const account = accountAt(address)
    if (account === undefined || account.code.length === 0) {
      return refused(`Unable to locate ContractCode at ${address}`)
    }
    const built = await build(claim, account.code, artefacts, root)
    if (built.kind === 'refused') return built
    const made = await productOf(built, address, artefacts)
    if (made === undefined) return refused(`${claim.contract} has no code: an interface?`)
    const runtime = made.runtime(account.code)
    if (runtime.kind === 'differs') {
      return refused(`${address} is not ${claim.contract}: ${runtime.how}`)
    }
    const creation = initCode && made.creation(initCode)
    const { constructorArguments: wanted } = claim
    if (
      creation !== undefined &&
      wanted !== undefined &&
      creation.constructorArguments !== wanted
    ) {
      return refused(
        `the constructor arguments are ${creation.constructorArguments}, not ${wanted} (ABI-encoded)`,
      )
    }
    if (built.kind === 'compiled') artefacts.add(built.content, `verified:${address}`)
    const contract: VerifiedContract = {
      ...made.facts,
      address,
      input: built.kind === 'compiled' ? claim.input : inputBy(claim.input, built.metadata),
      runtime: runtime.match,
      creation: creation?.match,
      constructorArguments: creation?.constructorArguments,
      verifiedAtMs: Date.now(),
    }
    kept.delete(address)
    kept.set(address, { codeHash: account.codeHash, contract })
    const [oldest] = kept.keys()
    if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest)
    const content = built.kind === 'compiled' ? built.content : undefined
    await onDisk.add({ codeHash: account.codeHash, contract, content })
    return { kind: 'verified', contract }
  }

  return {
    check(claim, initCode) {
      const checked = last.then(async () => {
        const verdict = await check(claim, initCode)
        if (verdict.kind === 'refused') tell(`not verified: ${verdict.reason}`, 'warn')
        else tell(`verified: ${claim.address} is ${claim.contract}`, 'info')
        return verdict
      })
      last = checked.catch(() => undefined)
      return checked
    },
    async verified(address) {
      await restored
      const known = kept.get(address)
      return known?.codeHash === accountAt(address)?.codeHash ? known?.contract : undefined
    },
  }
}

interface Product {
  readonly facts: Pick<
    VerifiedContract,
    'name' | 'source' | 'compiler' | 'abi' | 'metadata' | 'storageLayout'
  >
  runtime(code: Uint8Array): Matched
  creation(initCode: Uint8Array): Creation | undefined
}

/** undefined for what has no code. */
async function productOf(
  built: Exclude<Built, { kind: 'refused' }>,
  address: Address,
  artefacts: Artefacts,
): Promise<Product | undefined> {
  if (built.kind === 'artefact') {
    const { artefact, metadata } = built
    const abi = await artefacts.abiOf(artefact)
    return product(artefact, metadata, abi, await artefacts.storageLayoutOf(artefact))
  }
  const { content, path, name } = built
  const found = contractIn(content['output'], path, name)
  const artefact = readContracts(content, address).find(
    (each) => each.name === name && each.source === path,
  )
  if (artefact === undefined) return undefined
  return product(artefact, parsedMetadata(found) ?? {}, found?.['abi'], found?.['storageLayout'])
}

function product(
  { name, source, runtime, creation }: ArtefactContract,
  metadata: Readonly<Record<string, unknown>>,
  abi: unknown,
  storageLayout: unknown,
): Product | undefined {
  if (runtime === undefined) return undefined
  const compiler = textIn(metadata['compiler'], 'version') ?? ''
  return {
    facts: { name, source, compiler, metadata, abi: Array.isArray(abi) ? abi : [], storageLayout },
    runtime: (code) => matchRuntime(runtime, code),
    creation: (initCode) => creation && matchCreation(creation, initCode),
  }
}

/** The sources as they were given, with the settings that the metadata tells. */
function inputBy(
  input: Claim['input'],
  metadata: Readonly<Record<string, unknown>>,
): Claim['input'] {
  const settings = isRecord(metadata['settings']) ? metadata['settings'] : {}
  const { compilationTarget: _target, libraries: _libraries, ...rest } = settings
  return { ...input, settings: rest }
}

function refused(reason: string): Verdict {
  return { kind: 'refused', reason }
}
