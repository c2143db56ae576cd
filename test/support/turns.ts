const MOST_TURNS = 1_000

/**
 * Runs `body` on a thread that would sleep in it: whenever it would, `other` has its turn instead, as another thread would have it meanwhile.
 * @returns how often it would have slept
 */
export async function whileAsleep(
  other: () => void,
  body: () => void | Promise<void>,
): Promise<number> {
  const { wait } = Atomics
  let turns = 0
  Atomics.wait = () => {
    if (++turns > MOST_TURNS)
      throw new Error('a thread sleeps, and nothing that the other does wakes it')
    other()
    return 'ok'
  }
  try {
    await body()
  } finally {
    Atomics.wait = wait
  }
  return turns
}

type Step = 'load' | 'store' | 'add'

/** Runs `body`, in which `other` has its turn right before, or right after, the first atomic `step`, as another thread might. */
export function atStep<T>(
  when: 'before' | 'after',
  step: Step,
  other: () => void,
  body: () => T,
): T {
  const original = Atomics[step] as (...args: unknown[]) => unknown
  const restore = (): void => void Object.assign(Atomics, { [step]: original })
  const hooked = (...args: unknown[]): unknown => {
    restore()
    if (when === 'before') other()
    const result = original(...args)
    if (when === 'after') other()
    return result
  }
  Object.assign(Atomics, { [step]: hooked })
  try {
    return body()
  } finally {
    restore()
  }
}
