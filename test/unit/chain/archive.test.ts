import { CodeStore } from '../../../src/state/codes.ts'
import { createMemoryKv } from '../../../src/store/memory-kv.ts'
import { KvArchive } from '../../../src/chain/kv-archive.ts'
import { MemoryArchive } from '../../../src/chain/memory-archive.ts'
import { StateRecords } from '../../../src/chain/state-records.ts'
import { WriteBehind } from '../../../src/chain/write-behind.ts'
import { type Opened, archiveContract } from '../../contract/archive.ts'

archiveContract('memory', async (states) => {
  const opened: Opened = { archive: new MemoryArchive(0n, states), reopen: async () => opened }
  return opened
})

archiveContract('a key-value store', async (keptStates = Number.POSITIVE_INFINITY) => {
  const kv = createMemoryKv()
  const open = (): Opened => {
    const behind = new WriteBehind(kv)
    const states = new StateRecords(kv, new CodeStore(kv))
    const archive = new KvArchive({ behind, states, identity: 'test', keptStates }, 0n)
    return {
      archive,
      world: states.empty(),
      async reopen() {
        await behind.flush()
        return open()
      },
    }
  }
  return open()
})
