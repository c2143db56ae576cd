/**
 * Whether to colour what goes to a stream: as `--color` says, else as NO_COLOR and FORCE_COLOR say, else when it is a terminal.
 */
export function wantsColor(
  wanted: 'auto' | 'always' | 'never' | undefined,
  variables: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean | undefined,
): boolean {
  if (wanted === 'always') return true
  if (wanted === 'never' || isSet(variables['NO_COLOR'])) return false
  const forced = variables['FORCE_COLOR']
  if (isSet(forced)) return forced !== '0' && forced !== 'false'
  return isTerminal === true && variables['TERM'] !== 'dumb'
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== ''
}
