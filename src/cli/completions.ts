import { COMMANDS } from './args.ts'
import { KEYS, OPTIONS, longName } from './options.ts'

type Shell = 'bash' | 'zsh' | 'fish'

/** A flag as shells need it. */
interface Flag {
  readonly long: string
  readonly short: string | undefined
  readonly help: string
  readonly takesValue: boolean
  readonly choices: readonly string[]
  readonly isPath: boolean
  readonly repeats: boolean
}

/** How each shell takes the text: for one session, or for good. */
const USES: Readonly<Record<Shell, string>> = {
  bash: 'eval "$(heddle completions bash)", or into ~/.local/share/bash-completion/completions/heddle',
  zsh: 'into a file _heddle in a folder of $fpath',
  fish: 'into ~/.config/fish/completions/heddle.fish',
}

const WRITERS: Readonly<Record<Shell, (flags: readonly Flag[]) => string>> = { bash, zsh, fish }

/** `heddle completions SHELL`: prints what completes heddle's commands and flags there. @returns the exit code */
export function completions(argv: readonly string[]): number {
  const [shell, ...more] = argv
  if (shell === undefined || !isShell(shell) || more.length > 0) {
    const uses = Object.entries(USES).map(([name, use]) => `  heddle completions ${name}: ${use}\n`)
    const isHelp = shell === '-h' || shell === '--help'
    const stream = isHelp ? process.stdout : process.stderr
    stream.write(`Usage: heddle completions bash|zsh|fish\n${uses.join('')}`)
    return isHelp ? 0 : 2
  }
  process.stdout.write(WRITERS[shell](allFlags()))
  return 0
}

function isShell(name: string): name is Shell {
  return Object.hasOwn(WRITERS, name)
}

function allFlags(): readonly Flag[] {
  const settings = KEYS.map((key): Flag => {
    const { flags, help, choices = [], isPath = false, repeats = false } = OPTIONS[key]
    return {
      long: longName(key),
      short: /^-(\w),/.exec(flags)?.[1],
      help,
      takesValue: / [<[]/.test(flags),
      choices,
      isPath,
      repeats,
    }
  })
  const own = { choices: [], repeats: false }
  return [
    ...settings,
    {
      long: 'config',
      short: undefined,
      help: 'configuration file',
      takesValue: true,
      isPath: true,
      ...own,
    },
    {
      long: 'version',
      short: 'V',
      help: 'print the version',
      takesValue: false,
      isPath: false,
      ...own,
    },
    { long: 'help', short: 'h', help: 'print the help', takesValue: false, isPath: false, ...own },
  ]
}

function names({ long, short }: Flag): readonly string[] {
  return short === undefined ? [`--${long}`] : [`-${short}`, `--${long}`]
}

/** After a tool's name, and where a value is a file, bash completes files. */
function bash(flags: readonly Flag[]): string {
  const values = flags.filter(({ takesValue, isPath }) => takesValue && !isPath)
  const branches = values.map(
    (flag) =>
      `    ${names(flag).join('|')}) COMPREPLY=($(compgen -W '${flag.choices.join(' ')}' -- "$cur")); return ;;\n`,
  )
  const files = flags.filter(({ isPath }) => isPath).flatMap(names)
  return `_heddle() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD - 1]}"
  COMPREPLY=()
  case "$prev" in
    ${files.join('|')}) compopt -o default 2>/dev/null; return ;;
${branches.join('')}  esac
  if [[ "$cur" == -* ]]; then
    COMPREPLY=($(compgen -W '${flags.flatMap(names).join(' ')}' -- "$cur"))
  elif [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W '${Object.keys(COMMANDS).join(' ')}' -- "$cur"))
  else
    compopt -o default 2>/dev/null
  fi
}
complete -F _heddle heddle
`
}

function zsh(flags: readonly Flag[]): string {
  const specs = flags.flatMap((flag) => {
    const value = valueInZsh(flag)
    const said = `[${quoted(flag.help).replaceAll(/[[\]]/g, '\\$&')}]`
    return names(flag).map((name) => `    '${flag.repeats ? '*' : ''}${name}${said}${value}'`)
  })
  const commands = Object.entries(COMMANDS).map(
    ([name, help]) => `      '${name}:${quoted(help).replaceAll(':', '\\:')}'`,
  )
  return `#compdef heddle
_heddle() {
  local -a commands=(
${commands.join('\n')}
  )
  _arguments -s \\
${specs.map((spec) => `${spec} \\\n`).join('')}    '1: :{_describe command commands}' '*:file:_files'
}
compdef _heddle heddle
`
}

function valueInZsh({ takesValue, isPath, choices, long }: Flag): string {
  if (!takesValue) return ''
  if (isPath) return `:${long}:_files`
  return choices.length > 0
    ? `:${long}:(${choices.map((each) => each.replaceAll(':', '\\:')).join(' ')})`
    : `:${long}: `
}

function fish(flags: readonly Flag[]): string {
  const lines = flags.map((flag) => {
    const short = flag.short === undefined ? '' : ` -s ${flag.short}`
    const value = flag.takesValue ? (flag.isPath ? ' -rF' : ' -x') : ''
    const choices = flag.choices.length > 0 ? ` -a '${flag.choices.join(' ')}'` : ''
    return `complete -c heddle -l ${flag.long}${short}${value}${choices} -d '${inFish(flag.help)}'\n`
  })
  const commands = Object.entries(COMMANDS).map(
    ([name, help]) =>
      `complete -c heddle -f -n __fish_use_subcommand -a ${name} -d '${inFish(help)}'\n`,
  )
  return [...commands, ...lines].join('')
}

/** Within single quotes. */
function quoted(text: string): string {
  return text.replaceAll("'", `'\\''`)
}

function inFish(text: string): string {
  return text.replaceAll(/['\\]/g, '\\$&')
}
