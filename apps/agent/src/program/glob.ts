// The one wildcard a sensor knows: `*`, any run of characters, matched against a file's bare name (sensor-agent 5.4).
// Which folders are looked into is their searchers' business.

/** Case counts. Without a `*` the pattern is the name itself. */
export const matchesGlob = (pattern: string, name: string): boolean => {
  const parts = pattern.split('*')
  const first = parts[0] ?? ''
  const last = parts.at(-1) ?? ''
  if (parts.length === 1) return name === pattern
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false
  let from = first.length
  const end = name.length - last.length
  for (const middle of parts.slice(1, -1)) {
    const at = name.indexOf(middle, from)
    if (at < 0 || at + middle.length > end) return false
    from = at + middle.length
  }
  return true
}
