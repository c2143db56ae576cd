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
