import { ensureBuilt } from '../../scripts/prepare.mjs'

/** Brings `dist/` up to date once, before the tests that run the built command or worker. */
export default async function setup(): Promise<void> {
  await ensureBuilt()
}
