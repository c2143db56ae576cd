import type { Hex } from '../../primitives/hex.ts'

/** An account or slot whose name was never seen: only its hash is there. */
export function unnamed(what: string, hash: Hex): Error {
  return new Error(`the state cannot be dumped: of the ${what} ${hash} only this hash is known`)
}

/** The texts of each item, with commas between the items. */
export function* list<T>(
  items: Iterable<T>,
  texts: (item: T) => Iterable<string>,
): Generator<string> {
  let comma = ''
  for (const item of items) {
    yield comma
    yield* texts(item)
    comma = ','
  }
}
