/** The part of a timeline that is looked at: milliseconds from the start of the block's execution. */
export interface View {
  readonly from: number
  readonly to: number
}

/** What was done from one moment to another. */
export interface Bar {
  readonly start: number
  readonly end: number
}

/** Nothing shorter than this is shown wider than the whole drawing. */
const LEAST_MS = 0.002

/** Zooms about a moment, which stays where it is unless the ends of the timeline forbid. @param factor above 1 is nearer */
export function zoom(view: View, extent: number, factor: number, about: number): View {
  const width = clamp((view.to - view.from) / factor, Math.min(LEAST_MS, extent), extent)
  const share = (about - view.from) / (view.to - view.from)
  return within(about - share * width, width, extent)
}

export function pan(view: View, extent: number, byMs: number): View {
  return within(view.from + byMs, view.to - view.from, extent)
}

function within(from: number, width: number, extent: number): View {
  const start = clamp(from, 0, Math.max(0, extent - width))
  return { from: start, to: start + width }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}

/** Bars by lane, each lane's by start: what drawing and pointing search in. Bars of one lane do not overlap. */
export type Lanes<T extends Bar> = readonly (readonly T[])[]

export function byLane<T extends Bar & { readonly lane: number }>(
  bars: readonly T[],
  lanes: number,
): Lanes<T> {
  const found = Array.from({ length: lanes }, (): T[] => [])
  for (const bar of bars) found[bar.lane]?.push(bar)
  for (const lane of found) lane.sort((a, b) => a.start - b.start)
  return found
}

/** The bars of a lane that a view shows, found by halving. */
export function visible<T extends Bar>(lane: readonly T[], view: View): readonly T[] {
  const first = firstWhere(lane, (bar) => bar.end > view.from)
  const last = firstWhere(lane, (bar) => bar.start >= view.to)
  return lane.slice(first, last)
}

/** The bar at a moment, or the nearest one that is at most `slack` milliseconds away. */
export function barAt<T extends Bar>(lane: readonly T[], ms: number, slack = 0): T | undefined {
  const next = firstWhere(lane, (bar) => bar.end >= ms)
  const near = [lane[next - 1], lane[next]].filter((bar) => bar !== undefined)
  const away = (bar: T): number => Math.max(bar.start - ms, ms - bar.end, 0)
  return near.filter((bar) => away(bar) <= slack).sort((a, b) => away(a) - away(b))[0]
}

/** Where a condition first holds in a list that has it false, then true; its length when never. */
function firstWhere<T>(list: readonly T[], holds: (item: T) => boolean): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(list[middle]!)) high = middle
    else low = middle + 1
  }
  return low
}

/** Round marks for an axis: at most so many, at 1, 2 or 5 times a power of ten. */
export function ticks({ from, to }: View, most: number): readonly number[] {
  const rough = (to - from) / Math.max(1, most)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((times) => times * power).find((each) => each >= rough)!
  const first = Math.ceil(from / step)
  const count = Math.max(0, Math.floor(to / step) - first + 1)
  return Array.from({ length: count }, (_, mark) => (first + mark) * step)
}
