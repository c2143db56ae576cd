import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'

import type { Executor } from '../../src/executor/executor.ts'
import type { LawCase } from './law-case.ts'

/** Blocks, each on the state of the one before, and the seed of a schedule in which an executor is not serial. */
export interface Bundle {
  readonly cases: readonly LawCase[]
  readonly schedule: number
}

/** A bundle that was found, and whose it is. */
export interface KeptBundle extends Bundle {
  readonly executor: string
  readonly lanes: number
  /** The first thing that differs. */
  readonly difference: string
}

/** Blocks that were found once: they are run for ever. */
const KEPT_FOLDER = fileURLToPath(new URL('../vectors/law/', import.meta.url))

/** What differs in a bundle, in one line; undefined when nothing does. */
export type Compare = (bundle: Bundle) => Promise<string | undefined>

/** Threads have an order of their own: a smaller bundle that holds so often is taken to hold. */
const TRIES = 8

/**
 * Looks for a bundle that differs, and makes it as small as it can be.
 * @returns undefined when none was found in `runs`
 */
export async function hunt(
  bundles: fc.Arbitrary<readonly LawCase[]>,
  compare: Compare,
  { runs, seed }: { readonly runs: number; readonly seed: number },
): Promise<(Bundle & { readonly difference: string }) | undefined> {
  let tries = 1
  let smallest: (Bundle & { readonly difference: string }) | undefined
  const property = fc.asyncProperty(bundles, fc.nat(), async (cases, schedule) => {
    for (let i = 0; i < tries; i++) {
      const difference = await compare({ cases, schedule })
      if (difference === undefined) continue
      tries = TRIES
      smallest = { cases, schedule, difference }
      return false
    }
    return true
  })
  await fc.check(property, { numRuns: runs, seed })
  return smallest
}

/** The bundle as a file has it: the same bundle is the same bytes. */
export function bundleText(bundle: KeptBundle): string {
  const { executor, lanes, schedule, difference, cases } = bundle
  return `${JSON.stringify({ executor, lanes, schedule, difference, cases }, null, 2)}\n`
}

/** Keeps a bundle as a case. @returns its file */
export function keepBundle(bundle: KeptBundle, folder: string = KEPT_FOLDER): string {
  const text = bundleText(bundle)
  const name = createHash('sha256').update(text).digest('hex').slice(0, 12)
  const file = join(folder, `${bundle.executor}-${bundle.lanes}-${name}.json`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, text)
  return file
}

export function readBundle(file: string): KeptBundle {
  return JSON.parse(readFileSync(file, 'utf8')) as KeptBundle
}

/** The files of all bundles that are kept. */
export function keptBundles(folder: string = KEPT_FOLDER): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
    return names.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => join(folder, name))
  } catch {
    return []
  }
}

/** The first place in which two values differ, in one line; undefined when they are the same. */
export function firstDifference(wanted: unknown, got: unknown, path = ''): string | undefined {
  if (Object.is(wanted, got)) return undefined
  const [left, right] = [entriesOf(wanted), entriesOf(got)]
  if (left === undefined || right === undefined)
    return `${path}: ${said(wanted)} in order, got ${said(got)}`
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const difference = firstDifference(
      left.get(key),
      right.get(key),
      path === '' ? key : `${path}.${key}`,
    )
    if (difference !== undefined) return difference
  }
  return undefined
}

function entriesOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (value instanceof Map) return new Map([...value].map(([key, it]) => [String(key), it]))
  if (value instanceof Set) return new Map([...value].map((it) => [String(it), true]))
  return new Map(Object.entries(value))
}

function said(value: unknown): string {
  return typeof value === 'bigint' ? `${value}n` : (JSON.stringify(value) ?? 'nothing')
}

/** An executor for a schedule with a seed. */
export type SubjectOf = (seed: number) => Executor
