// Completion for bash, and for zsh through its own bash compatibility.
// What can be completed is read in tree.ts.
import type { Place } from './tree.ts'

const quoted = (words: readonly string[]): string => `'${words.join(' ')}'`

const wordsCase = ({ path, words, choices }: Place): string =>
  `    ${quoted(path)}) words=${quoted(words.length > 0 ? words.map(({ name }) => name) : choices)} ;;`

const flagsCase = ({ path, flags }: Place): string =>
  `    ${quoted(path)}) words=${quoted(flags.map(({ name }) => name))} ;;`

const valueCases = (places: readonly Place[]): readonly string[] => [
  ...new Set(
    places.flatMap(({ path, flags }) =>
      flags
        .filter(({ choices }) => choices.length > 0)
        .map(({ name, choices }) => `    ${quoted([...path, name])}) words=${quoted(choices)} ;;`),
    ),
  ),
]

const valueFlags = (places: readonly Place[]): string =>
  [
    ...new Set(places.flatMap(({ flags }) => flags.filter(({ takesValue }) => takesValue).map(({ name }) => name))),
  ].join('|')

/** Walks the words before the cursor down the commands, past flags and their values; then offers what fits there. */
export const bashScript = (
  places: readonly Place[],
): string => `# Completion of muster; load it with: source <(muster completion bash)
_muster() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path='' words='' word skip=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ -n $skip ]]; then skip=''; continue; fi
    case $word in
    ${valueFlags(places)}) skip=1 ;;
    -*) ;;
    *)
      case "\${path:+$path }$word" in
      ${places
        .slice(1)
        .map(({ path }) => quoted(path))
        .join('|')}) path="\${path:+$path }$word" ;;
      esac ;;
    esac
  done
  case "\${path:+$path }$previous" in
${valueCases(places).join('\n')}
  esac
  if [[ -z $words && $current == -* ]]; then
    case $path in
${places.map(flagsCase).join('\n')}
    esac
  elif [[ -z $words && -z $skip ]]; then
    case $path in
${places.map(wordsCase).join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _muster muster
`

export const zshScript = (places: readonly Place[]): string => `#compdef muster
# Completion of muster; load it with: source <(muster completion zsh)
autoload -U +X compinit && compinit
autoload -U +X bashcompinit && bashcompinit
${bashScript(places).split('\n').slice(1).join('\n')}`
