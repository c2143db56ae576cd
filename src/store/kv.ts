/** One change: a value to keep, or undefined to delete the key. */
export interface KvWrite {
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
}

/** The key-value store that everything durable stands on. Keys are exact: there is no iteration. */
export interface Kv {
  /** The value, or undefined when there is none. A write is seen once it has resolved. @throws {KvError} */
  get(key: Uint8Array): Uint8Array | undefined
  /** All of the batch or nothing, in its order. After one that failed none succeeds until `recover`. @throws {KvError} (a rejection) */
  write(batch: readonly KvWrite[]): Promise<void>
  /** What was written up to now must be there from now on: an opening that finds less of it fails. @throws {KvError} (a rejection) */
  acknowledge(): Promise<void>
  /** After a write that failed: whether writing may go on, which it may when a full disk has room again. What was written is there still. */
  recover(): Promise<boolean>
  close(): Promise<void>
}

/** The store cannot be opened, read or written: the outside world failed, or a record is damaged. */
export class KvError extends Error {
  override readonly name = 'KvError'
}
