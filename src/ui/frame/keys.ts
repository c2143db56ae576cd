import { useLayoutEffect } from 'react'

/** Whether a key means the page: not one that is typed into a field, and none with a modifier. */
export function isPageKey({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  const isTyping = target instanceof HTMLElement && target.matches('input, textarea, select')
  return !isTyping && !ctrlKey && !metaKey && !altKey
}

/** `[` and `]` go to the panel before and after. Keys are heard as soon as what they are for is there, not after the next paint. */
export function usePanelKeys(): void {
  useLayoutEffect(() => {
    const go = (event: KeyboardEvent): void => {
      const step = { '[': -1, ']': 1 }[event.key]
      if (step === undefined || !isPageKey(event)) return
      const panels = [...document.querySelectorAll<HTMLElement>('main .panel')]
      const at = panels.findIndex((panel) => panel.contains(document.activeElement))
      const next = panels[at < 0 ? (step > 0 ? 0 : panels.length - 1) : at + step]
      next?.focus()
      next?.scrollIntoView({ block: 'nearest' })
    }
    window.addEventListener('keydown', go)
    return () => window.removeEventListener('keydown', go)
  }, [])
}
