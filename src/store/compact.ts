import { KvError } from './kv.ts'
import { expectWholeFiles } from './level-files.ts'

interface Compacting {
  compactRange(start: Uint8Array, end: Uint8Array): Promise<void>
}

/** What LevelDB has in Node beyond what `level` declares for browsers too. */
function compacting(database: object): Compacting {
  return database as Compacting
}

/** Rewrites all records of the store in `folder`, so that what was deleted takes no room. @throws {KvError} when it is in use or not there */
export async function compactLevel(folder: string): Promise<void> {
  await expectWholeFiles(folder)
  const { Level } = await import('level')
  const encodings = { keyEncoding: 'view', valueEncoding: 'view' } as const
  const database = new Level<Uint8Array, Uint8Array>(folder, {
    ...encodings,
    createIfMissing: false,
  })
  try {
    await database.open()
    await compacting(database).compactRange(Uint8Array.of(0), Uint8Array.of(255, 255))
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    throw new KvError(`the data folder ${folder} cannot be compacted: ${text}`, { cause: error })
  } finally {
    await database.close()
  }
}
