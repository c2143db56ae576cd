import { useEffect, useState } from 'react'

const NAMES = [
  '--chart-1',
  '--chart-2',
  '--chart-3',
  '--chart-4',
  '--chart-5',
  '--chart-6',
  '--chart-7',
  '--text',
  '--text-soft',
  '--line',
  '--line-strong',
  '--surface',
  '--raised',
  '--accent',
] as const

export type Colours = Readonly<Record<(typeof NAMES)[number], string>>

/** The style sheet's colours as a canvas takes them; read again when the theme changes. */
export function useColours(): Colours {
  const [colours, setColours] = useState(readColours)
  useEffect(() => {
    const again = (): void => setColours(readColours())
    const dark = matchMedia('(prefers-color-scheme: dark)')
    const observer = new MutationObserver(again)
    dark.addEventListener('change', again)
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    return () => {
      dark.removeEventListener('change', again)
      observer.disconnect()
    }
  }, [])
  return colours
}

/** `light-dark()` is only resolved in a property that is a colour. */
function readColours(): Colours {
  const probe = document.createElement('span')
  document.body.append(probe)
  const read = (name: string): string => {
    probe.style.color = `var(${name})`
    return getComputedStyle(probe).color
  }
  const colours = Object.fromEntries(NAMES.map((name) => [name, read(name)])) as Colours
  probe.remove()
  return colours
}
