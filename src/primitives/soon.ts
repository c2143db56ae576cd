/** What is there already, or will be. */
export type Soon<T> = T | Promise<T>

/** What `next` makes of `value`, at once if it is there: a promise for each step takes longer than most steps. */
export function soon<T, U>(value: Soon<T>, next: (value: T) => Soon<U>): Soon<U> {
  return value instanceof Promise ? value.then(next) : next(value)
}
