import { execFileSync } from 'node:child_process'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { completions } from '../../../src/cli/completions.ts'
import { KEYS, longName } from '../../../src/cli/options.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

function printed(shell: string): string {
  let text = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((piece) => {
    text += String(piece)
    return true
  })
  expect(completions([shell])).toBe(0)
  vi.restoreAllMocks()
  return text
}

/** What bash itself offers after these words. */
function offered(...words: string[]): string[] {
  const line = words.map((word) => `'${word}'`).join(' ')
  const script = `${printed('bash')}
COMP_WORDS=(heddle ${line}); COMP_CWORD=${words.length}; _heddle; printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n')
}

describe('heddle completions', () => {
  it('completes commands, flags and values in bash', () => {
    expect(offered('re')).toEqual(['replay', 'report'])
    expect(offered('--fork-')).toContain('--fork-block-number')
    expect(offered('--port', '1', '--chain')).toEqual(['--chain-id'])
    expect(offered('--order', '')).toEqual(['fees', 'fifo'])
    expect(offered('--hardfork', 'ca')).toEqual(['cancun'])
    expect(offered('-p', '')).toEqual([''])
  })

  it.each(['bash', 'zsh', 'fish'])('has every flag: %s', (shell) => {
    const text = printed(shell)
    const dashes = shell === 'fish' ? '-l ' : '--'
    for (const key of KEYS) expect(text).toContain(`${dashes}${longName(key)}`)
    expect(text).toContain('doctor')
    expect(text).toContain('fees fifo')
  })

  it('leaves no quote open, whatever help says', () => {
    for (const shell of ['zsh', 'fish']) {
      for (const line of printed(shell).split('\n')) {
        const bare = shell === 'zsh' ? line.replaceAll(`'\\''`, '') : line.replaceAll(`\\'`, '')
        expect((bare.split("'").length - 1) % 2, line).toBe(0)
      }
    }
  })

  it('names the shells when it is told none, or another', () => {
    const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    expect(completions([])).toBe(2)
    expect(completions(['powershell'])).toBe(2)
    expect(told.mock.calls.flat().join('')).toContain('bash|zsh|fish')
  })
})
