import { monadPages } from '../../../analysis/formats/monad-pages.ts'
import { volatileReads } from '../../../analysis/volatile-reads.ts'
import { indexSites, showSite } from '../../../analysis/why.ts'
import { transactionReport } from '../../../chain/transaction-report.ts'
import { blockAccessListOut } from '../../../rpc/codec/block-access-list.ts'
import type { AccessFormat, Asked, Profile, Subject } from '../../../rpc/profiler-port.ts'
import { accountAccesses, blockAccessList } from '../../../state/block-access-list.ts'
import { checkList } from './access-check.ts'
import { usedList } from './access-runs.ts'
import { callsOf } from './calls.ts'
import { type ProfilerParts, recordSubject } from './subject.ts'

/** What one transaction reads and writes, by name and line, or in a format of others. */
export async function accessSet(
  parts: ProfilerParts,
  asked: Asked,
  format: AccessFormat,
): Promise<Profile> {
  const recorded = await recordSubject(parts, subjectOf(asked))
  if (recorded.kind !== 'recorded') return recorded
  const [transaction] = recorded.recording.transactions
  if (transaction === undefined) return NO_CALL
  const { access } = transaction
  const head = {
    subject: recorded.head,
    transaction: callsOf(recorded, parts)[0],
    basis: 'measured',
    precision: access.precision,
  }
  const shown = (value: object): Profile => ({ kind: 'shown', value: { ...head, ...value } })
  switch (format) {
    case 'named': {
      const { readSet, writeSet } = transactionReport(recorded, 0)
      const sitesAt = indexSites(recorded.recording)
      const linesOf = (location: (typeof readSet)[number]['location'], how: string): string[] => {
        const sites = sitesAt(0, location).filter((site) => site.access === how)
        return [...new Set(sites.map((site) => showSite(recorded.book, site).line ?? ''))].filter(
          (line) => line !== '',
        )
      }
      return shown({
        reads: readSet.map(({ location, label, value }) => ({
          name: label,
          ...location,
          value,
          lines: linesOf(location, 'read'),
        })),
        writes: writeSet.map(({ location, label, value }) => ({
          name: label,
          ...location,
          value,
          lines: linesOf(location, 'write'),
        })),
        volatile: volatileReads(recorded.recording, recorded.book),
      })
    }
    case 'eip2930':
      return shown({ accessList: usedList(access) })
    case 'bal': {
      const before = Array.from({ length: stepOf(parts, asked) }, () => [])
      const list = blockAccessList([...before, [access]])
      return shown({ blockAccessList: blockAccessListOut.encode(accountAccesses(list)) })
    }
    case 'monad-pages':
      return shown(monadPages(access, transaction.declared))
  }
}

/** The access list that a transaction has, against what it uses. */
export async function checkAccessList(parts: ProfilerParts, asked: Asked): Promise<Profile> {
  const recorded = await recordSubject(parts, subjectOf(asked))
  if (recorded.kind !== 'recorded') return recorded
  if (recorded.recording.transactions[0] === undefined) return NO_CALL
  return checkList(parts, asked, recorded)
}

const NO_CALL: Profile = {
  kind: 'refused',
  reason: '`transaction`: a deployment has no access set of its own here, name a call',
}

/** Where in its block's list a transaction is: from 1, after what the protocol does first (EIP-7928). */
function stepOf({ dev }: ProfilerParts, asked: Asked): number {
  return asked.kind === 'hash' ? 1 + dev.chain.history.place(asked.hash)!.index : 1
}

function subjectOf(asked: Asked): Subject {
  if (asked.kind === 'hash') {
    return { kind: 'hashes', hashes: [asked.hash], asBlock: false, spreadSenders: false }
  }
  return {
    kind: 'bundle',
    transactions: [asked.call],
    setup: [],
    at: asked.at,
    stateOverrides: undefined,
    blockOverrides: undefined,
  }
}
