/**
 * What a view throws for state that lies elsewhere and was not fetched yet. Whoever may wait calls `fetch` and reads once more; it fails
 * with the reason when the place does not answer.
 */
export class Absent extends Error {
  override readonly name = 'Absent'
  readonly fetch: () => Promise<void>

  /** @param what as the reader of a stack trace would name it */
  constructor(what: string, fetch: () => Promise<void>) {
    super(`${what} was not fetched yet`)
    this.fetch = fetch
  }
}

/**
 * Runs `read`, as often as it takes: what is absent is fetched in between. It must change nothing before it has read all it needs.
 * A value comes back at once when nothing is absent, so that those who have all state never wait.
 */
export function whenHere<T>(read: () => T): T | Promise<Awaited<T>> {
  try {
    const result = read()
    return result instanceof Promise
      ? (result.catch((error: unknown) => again(read, error)) as Promise<Awaited<T>>)
      : result
  } catch (error) {
    if (!(error instanceof Absent)) throw error
    return again(read, error)
  }
}

async function again<T>(read: () => T, error: unknown): Promise<Awaited<T>> {
  if (!(error instanceof Absent)) throw error
  await error.fetch()
  return await whenHere(read)
}

/** Fetches all that is absent of these places at once: one question in place of many. */
export async function bringHere(reads: Iterable<() => unknown>): Promise<void> {
  const fetching: Promise<void>[] = []
  for (const read of reads) {
    try {
      read()
    } catch (error) {
      if (!(error instanceof Absent)) throw error
      fetching.push(error.fetch())
    }
  }
  await Promise.all(fetching)
}
