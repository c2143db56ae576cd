import { describe, expect, it } from 'vitest'

import {
  FIRST_WINDOW,
  readWindow,
  subjectOf,
  writeWindow,
} from '../../../src/ui/parallel/window.ts'

const read = (text: string) => readWindow(new URLSearchParams(text))

describe('readWindow', () => {
  it('is the newest transactions when nothing is named', () => {
    expect(read('')).toEqual(FIRST_WINDOW)
    expect(read('theme=dark')).toEqual(FIRST_WINDOW)
  })

  it.each([
    ['last=200&as-block', { last: 200, asBlock: true }],
    ['block=7', { block: 7 }],
    [
      'blocks=4..9&as-block&spread-senders',
      { fromBlock: 4, toBlock: 9, asBlock: true, spreadSenders: true },
    ],
  ])('reads %s, which it writes again', (text, subject) => {
    const window = read(text)
    if ('wrong' in window) throw new Error(window.wrong)
    expect(subjectOf(window)).toEqual(subject)
    expect(writeWindow(window)).toBe(text)
  })

  it('runs as one block what has senders of its own', () => {
    expect(read('last=3&spread-senders')).toMatchObject({ asBlock: true, spreadSenders: true })
  })

  it.each(['last=0', 'last=many', 'block=-1', 'block=', 'blocks=9..4', 'blocks=4', 'last=1e3'])(
    'refuses %s and says what it expected',
    (text) => {
      expect(read(text)).toEqual({
        wrong: expect.stringMatching(/expected something like/) as string,
      })
    },
  )
})
