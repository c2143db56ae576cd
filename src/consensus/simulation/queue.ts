/** Things to happen, by their time and then in the order in which they were put: nothing depends on a sort's whims. */
export class EventQueue<T> {
  readonly #heap: { readonly atMs: number; readonly place: number; readonly item: T }[] = []
  #next = 0

  /** When the earliest happens; undefined when nothing is left. */
  get nextMs(): number | undefined {
    return this.#heap[0]?.atMs
  }

  push(atMs: number, item: T): void {
    const heap = this.#heap
    const entry = { atMs, place: this.#next++, item }
    let at = heap.length
    heap.push(entry)
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!this.#isBefore(entry, heap[above]!)) break
      heap[at] = heap[above]!
      at = above
    }
    heap[at] = entry
  }

  /** The earliest; undefined when nothing is left. */
  pop(): { readonly atMs: number; readonly item: T } | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && this.#isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!this.#isBefore(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return first
  }

  #isBefore(
    a: { readonly atMs: number; readonly place: number },
    b: { readonly atMs: number; readonly place: number },
  ): boolean {
    return a.atMs < b.atMs || (a.atMs === b.atMs && a.place < b.place)
  }
}
