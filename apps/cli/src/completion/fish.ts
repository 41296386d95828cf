// Completion for fish, which shows a description beside every word.
// What can be completed is read in tree.ts.
import type { Place } from './tree.ts'

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

const line = (path: readonly string[], rest: string): string =>
  `complete -c muster -n ${quoted(`__muster_at ${path.join(' ')}`.trim())} ${rest}`

const placeLines = ({ path, words, flags, choices }: Place): readonly string[] => [
  ...words.map(({ name, description }) => line(path, `-f -a ${name} -d ${quoted(description)}`)),
  ...choices.map((choice) => line(path, `-f -a ${choice}`)),
  ...flags.map(({ name, description, takesValue, choices: values }) => {
    const value = values.length > 0 ? ` -x -a ${quoted(values.join(' '))}` : takesValue ? ' -r' : ''
    return line(path, `-l ${name.slice(2)}${value} -d ${quoted(description)}`)
  }),
]

const isPrefix = (known: readonly string[]): string => known.map((path) => quoted(path)).join(' ')

/** `__muster_at` holds when the words typed so far lead exactly to that place. */
export const fishScript = (
  places: readonly Place[],
): string => `# Completion of muster; load it with: muster completion fish | source
function __muster_at
  set -l path
  for word in (commandline -opc)[2..-1]
    string match -q -- '-*' $word; and continue
    contains -- (string trim -- "$path $word") ${isPrefix(places.slice(1).map(({ path }) => path.join(' ')))}
    and set -a path $word
  end
  test "$path" = "$argv"
end
${places.flatMap(placeLines).join('\n')}
`
