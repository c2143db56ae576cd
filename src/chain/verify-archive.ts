import { receiptsRoot } from '../executor/receipts.ts'
import { headerHash } from '../model/codec/header.ts'
import type { Hash } from '../primitives/hex.ts'
import { EMPTY_CODE_HASH, keccakHash } from '../primitives/keccak.ts'
import { emptyChangeSet } from '../state/access.ts'
import { decodeChangeLog } from '../state/change-log.ts'
import type { CodeStore } from '../state/codes.ts'
import { type Version, accountsOf, applyChanges, emptyWorld, slotsOf } from '../state/world.ts'
import { orderedRoot } from '../primitives/ordered-root.ts'
import type { Archive } from './archive.ts'
import { LogTable } from './log-table.ts'
import { termsOfLog } from './log-terms.ts'
import { decodeReceiptsOf, decodeStoredBody, logTableBytes } from './stored-block.ts'

/** What a chain's records hold. */
export interface ArchiveReport {
  /** Numbers of the first and the newest block. */
  readonly first: bigint
  readonly head: bigint
  readonly headHash: Hash
  readonly blocks: number
  readonly transactions: number
  readonly logs: number
  /** Of the head's state. */
  readonly accounts: number
  readonly slots: number
  readonly stateRoot: Hash
  /** A cheat changed the state after the head was mined. */
  readonly isChanged: boolean
  /** What is wrong, a line each. */
  readonly problems: readonly string[]
}

interface Parts {
  readonly archive: Archive
  readonly codes: CodeStore
}

/**
 * Reads every record of a chain and compares it with what the others say: hashes, links, roots, places, the index of logs,
 * and the root of the head's state, recomputed from all of its values.
 */
export function verifyArchive(parts: Parts): ArchiveReport {
  const { archive } = parts
  const problems: string[] = []
  let transactions = 0
  let logs = 0
  let parent: Hash | undefined
  let headRoot: Hash | undefined
  for (let at = 0; at < archive.length; at++) {
    const found = attempt(problems, () => verifyBlock(archive, at, parent, problems))
    parent = archive.hash(at)
    headRoot = found?.stateRoot
    transactions += found?.transactions ?? 0
    logs += found?.logs ?? 0
  }
  const version = attempt(problems, () => headState(archive))
  const state = version && attempt(problems, () => verifyState(parts, version, problems))
  return {
    first: archive.first,
    head: archive.first + BigInt(archive.length - 1),
    headHash: parent!,
    blocks: archive.length,
    transactions,
    logs,
    accounts: state?.accounts ?? 0,
    slots: state?.slots ?? 0,
    stateRoot: version?.stateRoot ?? headRoot!,
    isChanged: version?.stateRoot !== headRoot,
    problems,
  }
}

function verifyBlock(
  archive: Archive,
  at: number,
  parent: Hash | undefined,
  problems: string[],
): { readonly transactions: number; readonly logs: number; readonly stateRoot: Hash } {
  const what = `block ${archive.first + BigInt(at)}`
  const check = (isRight: boolean, problem: string): void => {
    if (!isRight) problems.push(`${what}: ${problem}`)
  }
  const [body, bytes] = [archive.body(at), archive.receipts(at)]
  if (body === undefined || bytes === undefined) throw new Error(`${what}: its record is missing`)
  const { block } = decodeStoredBody(body, what)
  const receipts = decodeReceiptsOf(bytes, what)
  const { header, transactions } = block
  check(header.number === archive.first + BigInt(at), `it has the number ${header.number}`)
  check(archive.hash(at) === headerHash(header), 'its hash is another')
  check(archive.find(block.hash) === at, 'it is not found by its hash')
  check(parent === undefined || header.parentHash === parent, 'it is not linked to its parent')
  const raws = transactions.map((tx) => tx.raw)
  check(header.transactionsRoot === orderedRoot(raws), 'its transactions have another root')
  check(header.receiptsRoot === receiptsRoot(receipts), 'its receipts have another root')
  for (const [index, { hash }] of transactions.entries()) {
    const place = archive.place(hash)
    check(place?.at === at && place.index === index, `transaction ${hash} is not found there`)
  }
  const changes = archive.changes(at)
  if (changes !== undefined) {
    const { steps } = decodeChangeLog(changes)
    check(steps.length === transactions.length + 2, 'its change set is of other transactions')
  }
  const table = new LogTable(logTableBytes(bytes), header.number)
  check(archive.logCount(at) === table.count, `${archive.logCount(at)} of its logs are counted`)
  for (let log = 0; log < table.count; log++) {
    const asked = termsOfLog(table.log(log)).map((term) => [term])
    check(hasPlace(archive.candidates(asked, at, at), at, log), `log ${log} is not found`)
  }
  return { transactions: transactions.length, logs: table.count, stateRoot: header.stateRoot }
}

function hasPlace(places: readonly number[], at: number, log: number): boolean {
  for (let next = 0; next < places.length; next += 2) {
    if (places[next] === at && places[next + 1] === log) return true
  }
  return false
}

function headState(archive: Archive): Version {
  const version = archive.state(archive.length - 1)
  if (version === undefined) throw new Error('the state of the head is missing')
  return version
}

/** Builds the state again from its values: it must have the same root. */
function verifyState(
  { codes }: Parts,
  version: Version,
  problems: string[],
): { readonly accounts: number; readonly slots: number } {
  let rebuilt = emptyWorld()
  let accounts = 0
  let slots = 0
  for (const { address, leaf } of accountsOf(version)) {
    accounts++
    const { nonce, balanceWei, codeHash } = leaf.account
    if (codeHash !== EMPTY_CODE_HASH && keccakHash(codes.get(codeHash)) !== codeHash) {
      problems.push(`the state: the code of account ${address} is another`)
    }
    const words = new Map()
    for (const { key, value } of slotsOf(leaf)) {
      slots++
      words.set(key, value)
    }
    const changes = emptyChangeSet()
    changes.accounts.set(address, { life: 'created', nonce, balanceWei, codeHash, slots: words })
    rebuilt = applyChanges(rebuilt, changes)
  }
  if (rebuilt.stateRoot !== version.stateRoot) {
    problems.push(`the state: its values have the root ${rebuilt.stateRoot}`)
  }
  return { accounts, slots }
}

function attempt<T>(problems: string[], read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error))
    return undefined
  }
}
