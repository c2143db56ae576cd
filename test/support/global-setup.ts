import { ensureBuilt } from '../../scripts/prepare.mjs'
import { findChromium } from '../ui/chromium.ts'

/** Brings `dist/` up to date once, before the tests that run the built command or worker. */
export default async function setup(): Promise<void> {
  if (findChromium() === undefined) {
    console.log('tests of the page are skipped: no chromium in the PATH (apt-get install chromium)')
  }
  await ensureBuilt()
}
