import { type Kv, KvError, type KvWrite } from './kv.ts'

/** A store that lives as long as the process. Values are copied on their way in and out. */
export function createMemoryKv(): Kv {
  const records = new Map<string, Uint8Array>()
  let isClosed = false
  const assertOpen = (): void => {
    if (isClosed) throw new KvError('the store is closed')
  }
  return {
    get(key) {
      assertOpen()
      const value = records.get(nameOf(key))
      return value && new Uint8Array(value)
    },
    async write(batch: readonly KvWrite[]) {
      assertOpen()
      for (const { key, value } of batch) {
        if (value === undefined) records.delete(nameOf(key))
        else records.set(nameOf(key), new Uint8Array(value))
      }
    },
    acknowledge: async () => assertOpen(),
    recover: async () => true,
    async close() {
      isClosed = true
      records.clear()
    },
  }
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')
}
