import type { Conflict, Report } from './shapes.ts'
import { type Snapshot, snapshotOf } from './snapshot.ts'

/** What must hold, besides the snapshot. */
export interface Gate {
  readonly minSpeedup: string | undefined
  /** Names that may conflict; undefined when all may. */
  readonly allow: readonly string[] | undefined
}

/** What the node says of a gate. */
export interface Asserted {
  readonly conflicts: readonly Conflict[]
  readonly allowed: readonly Conflict[]
  readonly speedup: {
    readonly times: number
    readonly cores: number
    readonly reached: number
  } | null
}

/** What a check says. */
export interface Verdict {
  readonly pass: boolean
  /** Modelled; null when no speed-up was asked for. */
  readonly speedup: (NonNullable<Asserted['speedup']> & { readonly pass: boolean }) | null
  /** Conflicts that no name allows. */
  readonly notAllowed: readonly Conflict[]
  /** Against the snapshot: new or more. */
  readonly worse: readonly Change[]
  /** Gone or fewer. */
  readonly better: readonly Change[]
  readonly compared: boolean
}

/** Dependencies by one name. */
export interface Change {
  readonly name: string
  readonly before: number
  readonly after: number
}

/** Judges dependencies and speed-ups by gas. Pure: the same for the same, on any machine. */
export function judge(report: Report, asserted: Asserted, before: Snapshot | undefined): Verdict {
  const { conflicts, allowed, speedup } = asserted
  const all = [...conflicts, ...allowed]
  const changes = before === undefined ? [] : changesOf(before, snapshotOf(report, all))
  const worse = changes.filter((change) => change.after > change.before)
  const isFast = speedup === null || speedup.reached >= speedup.times
  return {
    pass: isFast && conflicts.length === 0 && worse.length === 0,
    speedup: speedup && { ...speedup, pass: isFast },
    notAllowed: conflicts,
    worse,
    better: changes.filter((change) => change.after < change.before),
    compared: before !== undefined,
  }
}

function changesOf(before: Snapshot, after: Snapshot): readonly Change[] {
  const names = new Set([...Object.keys(before.conflicts), ...Object.keys(after.conflicts)])
  return [...names].toSorted().map((name) => ({
    name,
    before: before.conflicts[name] ?? 0,
    after: after.conflicts[name] ?? 0,
  }))
}
