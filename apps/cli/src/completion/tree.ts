// What can be typed after `muster`, read off the commands themselves, so that completion never falls behind them.
// How a shell is told is in the file of that shell.
import type { Command } from 'commander'

export interface Flag {
  readonly name: string
  readonly description: string
  /** What it may be set to; empty when anything goes. */
  readonly choices: readonly string[]
  readonly takesValue: boolean
}

export interface Place {
  /** The words that lead here, such as `token create`; empty at the top. */
  readonly path: readonly string[]
  readonly words: readonly { readonly name: string; readonly description: string }[]
  readonly flags: readonly Flag[]
  /** Words for its first argument. */
  readonly choices: readonly string[]
}

const flagsOf = (command: Command): readonly Flag[] =>
  command.options.flatMap((option) =>
    option.long === undefined || option.long === null || option.hidden
      ? []
      : [
          {
            name: option.long,
            description: option.description,
            choices: option.argChoices ?? [],
            takesValue: option.required || option.optional,
          },
        ],
  )

const placesUnder = (command: Command, path: readonly string[], inherited: readonly Flag[]): readonly Place[] => {
  const subcommands = command.commands.filter((sub) => sub.name() !== 'help')
  const place: Place = {
    path,
    words: subcommands.map((sub) => ({ name: sub.name(), description: sub.description() })),
    flags: [...flagsOf(command), ...inherited],
    choices: command.registeredArguments[0]?.argChoices ?? [],
  }
  return [place, ...subcommands.flatMap((sub) => placesUnder(sub, [...path, sub.name()], inherited))]
}

/** Every place one can be in, the top first; the flags of the top may be given anywhere. */
export const placesOf = (muster: Command): readonly Place[] => {
  const [top, ...others] = placesUnder(muster, [], [])
  const everywhere = [...flagsOf(muster), { name: '--help', description: 'show help', choices: [], takesValue: false }]
  return [
    { ...top!, flags: everywhere },
    ...others.map((place) => ({ ...place, flags: [...place.flags, ...everywhere] })),
  ]
}
