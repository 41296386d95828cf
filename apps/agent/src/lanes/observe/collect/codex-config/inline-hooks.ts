// The hooks a Codex configuration declares in the file itself, by the headers of their tables (sensor-agent 6.3). Pure.
// Hooks in files of their own are codex-config.ts.

const headers = [
  { open: '[[hooks.', close: ']]' },
  { open: '[hooks.', close: ']' },
] as const

/** Sorted, each once. */
export const inlineHooks = (text: string): readonly string[] => {
  const names = text.split(/\r?\n/).flatMap((raw) => {
    const line = raw.trim()
    const header = headers.find(({ open, close }) => line.startsWith(open) && line.endsWith(close))
    return header === undefined ? [] : [line.slice(header.open.length, -header.close.length)]
  })
  return [...new Set(names)].toSorted()
}
