import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

import { VERSION } from '../../node/version.ts'
import { Misuse } from './arguments.ts'
import type { RanInLanes } from './report-lanes.ts'
import type { Report } from './shapes.ts'

/** What `parallel_compare` is to be asked for the charts of a report. */
export const COMPARED: { readonly cores: readonly number[] } = { cores: [1, 2, 4, 8, 16, 32, 64] }

const PLACE = '<script id="report" type="application/json">'

/**
 * Writes a report as one HTML file that needs neither a node nor a network: the page's own parts, filled.
 * @param compared the answer of `parallel_compare` to `COMPARED`
 * @param lanes of one block
 * @throws {Misuse} when the file cannot be written
 */
export async function writeHtmlReport(
  file: string,
  report: Report,
  compared: unknown,
  lanes: RanInLanes | undefined,
): Promise<void> {
  const built = fileURLToPath(new URL('../../ui/report.html', import.meta.url))
  const template = await readFile(built, 'utf8')
  const { runs } = compared as { readonly runs: readonly unknown[] }
  const now = new Date().toISOString().slice(0, 16).replace('T', ' ')
  const kept = { report, runs, lanes, made: `heddle ${VERSION}, ${now} UTC` }
  // Names come from contracts: none may end the script that they stand in.
  const json = JSON.stringify(kept).replaceAll('<', String.raw`\u003c`)
  await writeFile(
    file,
    template.replace(PLACE, () => PLACE + json),
  ).catch((error: unknown) => {
    throw new Misuse(`--html: cannot write ${file}: ${(error as Error).message}`)
  })
  process.stdout.write(`written to ${file}\n`)
}
