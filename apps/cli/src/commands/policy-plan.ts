// `muster policy plan`: what publishing a document would change, and an exit code that says whether it would.
// Publishing it is policy-change.ts; what counts as a change is the server's to say.
import { fleetRoutes, type PolicyPlan } from '@muster/contract'
import type { Command } from 'commander'
import { given, listed } from '../ask/argument.ts'
import { readInput } from '../ask/file.ts'
import type { Acting, Session } from '../session.ts'
import { type Tone, toneOf } from '../show/paint.ts'
import type { Listing, Printer } from '../show/print.ts'
import { EXIT, type ExitCode } from '../stop.ts'
import { noteWarnings, unlessInvalid } from './policy-change.ts'

const ruleNames = (rules: readonly { readonly id: string; readonly surface: string }[]): string =>
  rules.map(({ id, surface }) => `${id} (${surface})`).join(', ')

const changedNames = (rules: PolicyPlan['changes']['rules']['changed']): string =>
  rules.map(({ id, surface, parts }) => `${id} (${surface}: ${parts.join(', ')})`).join(', ')

const bundleText = ({ byteCount, devices, unchanged, droppedRules }: PolicyPlan['bundles'][number]): string => {
  const dropped = droppedRules.length === 0 ? '' : `, without ${ruleNames(droppedRules)}`
  const state = unchanged ? 'in force already' : 'new'
  return `${byteCount} bytes, ${state}, for ${devices} ${devices === 1 ? 'device' : 'devices'}${dropped}`
}

const tonesOfSigns: Readonly<Record<string, Tone>> = { '@': 'quiet', '+': 'good', '-': 'bad' }

type Trial = NonNullable<PolicyPlan['trial']>

const leftText = (rules: Trial['orphaned']['rules']): string =>
  rules.map(({ id, findings }) => `${findings} of ${id}`).join(', ')

const trialListing = (title: string, empty: string): Listing<Trial['rules'][number]> => ({
  columns: [
    { title: 'rule', of: ({ id }) => id, keep: 'whole' },
    { title: 'surface', of: ({ surface }) => surface },
    { title: 'severity', of: ({ severity }) => ({ text: severity, tone: toneOf(severity) }) },
    { title, of: ({ matches }) => matches, side: 'right' },
    { title: 'devices', of: ({ devices }) => devices, side: 'right' },
    {
      title: 'such as',
      of: ({ samples: [first] }) =>
        first === undefined ? null : `${first.itemName} ${first.version ?? ''} on ${first.hostname}`,
    },
  ],
  empty,
})

const showTrial = async (print: Printer, trial: Trial): Promise<void> => {
  const { matches, isCut, rules, devices, orphaned, recent } = trial
  await print.table(trialListing('matches', 'Its rules for what is present match nothing that is stored.'), rules)
  await print.table(
    trialListing('last 30 days', 'What changed in the last 30 days would have set off none of its rules.'),
    recent.rules,
  )
  await print.facts([
    ['matches now', `${isCut ? 'more than ' : ''}${matches}`],
    ['most on', devices.map((device) => `${device.hostname} (${device.matches})`).join(', ')],
    ['findings left open', leftText(orphaned.rules)],
    ['of the last 30 days', `${recent.isCut ? 'more than ' : ''}${recent.matches}`],
    ['not found then', leftText(recent.notMade.rules)],
  ])
}

const showPlan = async (print: Printer, plan: PolicyPlan): Promise<void> => {
  const { rules, settings } = plan.changes
  const { before, after } = plan.assignedTo
  for (const line of plan.textDiff.split('\n').slice(0, -1)) await print.line(line, tonesOfSigns[line[0] ?? ''])
  await print.facts([
    ['policy', `${plan.policyName} (${plan.policyId ?? 'new'})`],
    ['rules added', ruleNames(rules.added)],
    ['rules removed', ruleNames(rules.removed)],
    ['rules changed', changedNames(rules.changed)],
    ['order of rules', rules.reordered ? 'another' : ''],
    ...settings.map(
      (setting) =>
        [setting.path, `${JSON.stringify(setting.before)} becomes ${JSON.stringify(setting.after)}`] as const,
    ),
    ...plan.bundles.map((bundle) => [`bundle ${bundle.capabilitySet}`, bundleText(bundle)] as const),
    ['goes to', before.join() === after.join() ? '' : `${before.join(', ') || 'nobody'}; then ${after.join(', ')}`],
  ])
  if (plan.trial !== null) await showTrial(print, plan.trial)
  await print.line(
    plan.drift ? 'Publishing it changes what devices run.' : 'What it says is in force; publishing it changes nothing.',
    plan.drift ? 'warn' : 'good',
  )
}

const plan = async (
  session: Session,
  file: string,
  flags: { readonly group?: readonly string[]; readonly try?: true },
): Promise<ExitCode> => {
  const { talk, print, world } = session
  const yaml = await readInput(world, file)
  const body = { yaml, ...given({ groups: flags.group && [...flags.group], tryRules: flags.try }) }
  const found = await unlessInvalid(session, file, 'planned', talk.ask(fleetRoutes.planPolicy, { body }))
  if (print.isJson) await print.json(found)
  else {
    await noteWarnings(print, file, found.warnings)
    await showPlan(print, found)
  }
  return found.drift ? EXIT.drift : EXIT.ok
}

export const addPolicyPlanCommand = (policy: Command, { online }: Acting): void => {
  policy
    .command('plan')
    .description('what publishing a document would change; exits with 0 for nothing, 2 for something')
    .argument('<file>', 'a policy document in YAML; - for standard input')
    .option('--try', 'also what its rules would find now, and would have found in the last 30 days')
    .option('--group <name>', 'for this group instead of everybody; repeat for more', listed)
    .action(online(plan))
}
