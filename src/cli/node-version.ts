// In old syntax and without imports, so that an old Node gets as far as this.

/** Oldest Node that runs heddle: major, minor. */
const OLDEST = [20, 19] as const

/** What is wrong with a version of Node such as `18.20.0`; undefined when it will do. */
export function nodeVersionProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isNew = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
  return isNew ? undefined : `needs Node ${OLDEST.join('.')} or newer, this is ${version}`
}
