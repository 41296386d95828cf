// `muster completion`: a script that teaches a shell what can be typed.
// The scripts are made in completion/.
import { Argument, type Command } from 'commander'
import { bashScript, zshScript } from '../completion/bash.ts'
import { fishScript } from '../completion/fish.ts'
import { placesOf } from '../completion/tree.ts'
import type { Acting, Desk } from '../session.ts'

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const
const shells = Object.keys(scripts) as readonly (keyof typeof scripts)[]

export const addCompletionCommand = (muster: Command, { offline }: Acting): void => {
  muster
    .command('completion')
    .description('a script that teaches a shell what can be typed')
    .addArgument(new Argument('<shell>').choices(shells))
    .action(offline(({ print }: Desk, shell: keyof typeof scripts) => print.raw(scripts[shell](placesOf(muster)))))
}
