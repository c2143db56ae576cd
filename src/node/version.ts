import { readFileSync } from 'node:fs'

/** The package's version, from its manifest: two folders above this file, in the sources as in the bundle. */
export const VERSION: string = readVersion()

function readVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  )
  if (manifest === null || typeof manifest !== 'object' || !('version' in manifest))
    return 'unknown'
  return String(manifest.version)
}
