import { readFile } from 'node:fs/promises'

/** undefined when it is not there, or not whole. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown
  } catch {
    return undefined
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The text at a member of an object; undefined when it is no text. */
export function textIn(json: unknown, name: string): string | undefined {
  const value = isRecord(json) ? json[name] : undefined
  return typeof value === 'string' ? value : undefined
}

/** The texts in a compiler's standard JSON input, by path. */
export function textsIn(input: unknown): Map<string, string> {
  const texts = new Map<string, string>()
  const sources = isRecord(input) && isRecord(input['sources']) ? input['sources'] : {}
  for (const [path, source] of Object.entries(sources)) {
    const text = textIn(source, 'content')
    if (text !== undefined) texts.set(path, text)
  }
  return texts
}
