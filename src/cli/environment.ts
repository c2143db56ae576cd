import type { Layer } from './layers.ts'
import { LONG_NAMES, longName } from './options.ts'
import { REFUSALS } from './refused.ts'
import type { Key } from './settings.ts'
import { suggestion } from './suggest.ts'

const PREFIX = 'HEDDLE_'

export interface Environment {
  readonly layer: Layer
  readonly configFile: string | undefined
  readonly problems: readonly string[]
  /** Variables that start like ours but are not: told, not refused, since others may set them. */
  readonly notes: readonly string[]
}

/** The settings among the variables: each flag in capitals after HEDDLE_. An empty variable is not set. */
export function readEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
): Environment {
  const known = new Map([...LONG_NAMES].map(([name, key]) => [variableName(name), key]))
  const refused = new Map(REFUSALS.map(({ flags, reason }) => [refusedName(flags), reason]))
  const values: [Key, string][] = []
  const labels = new Map<Key, string>()
  const problems: string[] = []
  const notes: string[] = []
  for (const [name, value] of Object.entries(variables)) {
    if (!name.startsWith(PREFIX) || value === undefined || value === '') continue
    // The second is for commands that ask a running node.
    if (name === 'HEDDLE_CONFIG' || name === 'HEDDLE_RPC_URL') continue
    const key = known.get(name)
    const reason = refused.get(name)
    if (key !== undefined) {
      values.push([key, value])
      labels.set(key, name)
    } else if (reason !== undefined) problems.push(`${name}: ${reason}`)
    else notes.push(`${name} is not a variable of heddle${suggestion(name, known.keys())}`)
  }
  const label = (key: Key): string => labels.get(key) ?? variableName(longName(key))
  const configFile = variables['HEDDLE_CONFIG'] === '' ? undefined : variables['HEDDLE_CONFIG']
  return { layer: { label, values }, configFile, problems, notes }
}

function variableName(long: string): string {
  return PREFIX + long.replaceAll('-', '_').toUpperCase()
}

function refusedName(flags: string): string {
  return variableName(/--([\w-]+)/.exec(flags)![1]!)
}
