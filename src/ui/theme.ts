import { useState } from 'react'

export type Theme = 'system' | 'light' | 'dark'

const KEY = 'heddle-theme'
const NEXT: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' }

/** What was chosen in this browser. */
function storedTheme(): Theme {
  try {
    const stored = window.localStorage.getItem(KEY)
    return stored === 'light' || stored === 'dark' ? stored : 'system'
  } catch {
    return 'system'
  }
}

/** Before the first paint. */
export function applyTheme(theme: Theme = storedTheme()): void {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
}

/** The theme, and what goes on to the next one. */
export function useTheme(): readonly [theme: Theme, next: () => void] {
  const [theme, setTheme] = useState(storedTheme)
  const next = (): void => {
    const chosen = NEXT[theme]
    try {
      window.localStorage.setItem(KEY, chosen)
    } catch {
      // A browser that keeps nothing: it holds until the page is closed.
    }
    applyTheme(chosen)
    setTheme(chosen)
  }
  return [theme, next]
}
