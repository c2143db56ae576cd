import { readFile, readdir } from 'node:fs/promises'
import { extname, join } from 'node:path'

import { KvError } from './kv.ts'
import { damagedRecordAt } from './level-log.ts'
import { damagedBlockAt } from './level-table.ts'

/** Where the first damage of a file is, by how its name ends. */
const CHECKS: Readonly<Record<string, (bytes: Buffer) => number | undefined>> = {
  '.log': damagedRecordAt,
  '.ldb': damagedBlockAt,
}

/** @throws {KvError} naming one of LevelDB's files in `folder` that is damaged, and where */
export async function expectWholeFiles(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    const check = CHECKS[extname(name)]
    const bytes = check && (await contentOf(join(folder, name)))
    const at = bytes && check(bytes)
    if (at === undefined) continue
    const remedy = name.endsWith('.log')
      ? '; without that file and ACKNOWLEDGED the chain is as it was before what the file holds'
      : ''
    throw new KvError(`the data folder ${folder} is damaged: ${name} at byte ${at}${remedy}`)
  }
}

/** undefined when it is gone: another process has the folder, which LevelDB says. */
async function contentOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
