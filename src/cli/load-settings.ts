import type { Request } from './args.ts'
import { loadConfigFile } from './config-file.ts'
import { readEnvironment } from './environment.ts'
import { type Layer, mergeLayers } from './layers.ts'
import { longName } from './options.ts'
import type { Settings } from './settings.ts'

export type LoadedSettings =
  | {
      readonly kind: 'loaded'
      readonly settings: Partial<Settings>
      /** The configuration file, if there is one. */
      readonly file: string | undefined
      /** What the user should know though nothing is wrong. */
      readonly notes: readonly string[]
    }
  | { readonly kind: 'bad'; readonly problems: readonly string[] }

/**
 * The settings of a configuration file, variables and flags, each above the one before.
 *
 * @param folder where the configuration file is looked for
 */
export async function loadSettings(
  request: Extract<Request, { kind: 'run' | 'doctor' }>,
  variables: Readonly<Record<string, string | undefined>>,
  folder: string,
): Promise<LoadedSettings> {
  const environment = readEnvironment(variables)
  const file = await loadConfigFile(folder, request.configFile ?? environment.configFile)
  const flags: Layer = { label: (key) => `--${longName(key)}`, values: request.flags }
  const layers = file.kind === 'loaded' ? [file.layer] : []
  const merged = mergeLayers([...layers, environment.layer, flags])
  const problems = [
    ...(file.kind === 'bad' ? file.problems : []),
    ...environment.problems,
    ...(merged.kind === 'bad' ? merged.problems : []),
  ]
  if (merged.kind === 'bad' || problems.length > 0) return { kind: 'bad', problems }
  return {
    kind: 'loaded',
    settings: merged.settings,
    file: file.kind === 'loaded' ? file.path : undefined,
    notes: [...environment.notes, ...request.notes],
  }
}
