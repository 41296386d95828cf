// What publishing would change, shown before somebody does: who gets what, which rules come and go, what they would find.
// The sentences are decide-plan.ts; publishing itself is publish.tsx.
import { useQuery } from '@tanstack/react-query'
import { Trouble } from '../../parts/controls.tsx'
import { Said } from '../../parts/said.tsx'
import type { AnswerTo } from '../../wire/ask.ts'
import { bundleLines, changeLines, mostShown, type PlanLine, trialLines } from './decide-plan.ts'
import { planQuery } from './query.ts'

interface PlanSaid {
  readonly yaml: string
  readonly groups: readonly string[]
}

const Lines = ({ lines }: { readonly lines: readonly PlanLine[] }) => (
  <ul className="stack-tight" aria-label="Changes">
    {lines.slice(0, mostShown).map(({ sign, name, text }) => (
      <li key={`${sign} ${name} ${text}`}>
        <span className="mono">{sign}</span> <Said text={name} /> <span className="soft">{text}</span>
      </li>
    ))}
    {lines.length > mostShown && <li className="soft">and {(lines.length - mostShown).toLocaleString()} more</li>}
  </ul>
)

type Trial = NonNullable<AnswerTo<'planPolicy'>['trial']>

const Findings = ({ trial }: { readonly trial: Trial }) => (
  <>
    {trialLines(trial).map((line) => (
      <p key={line}>{line}</p>
    ))}
    {trial.rules.length > 0 && (
      <ul className="stack-tight" aria-label="What its rules find now">
        {trial.rules.slice(0, mostShown).map(({ id, surface, matches, devices, samples: [first] }) => (
          <li key={`${id} ${surface}`}>
            <Said text={id} />{' '}
            <span className="soft">
              {matches.toLocaleString()} on {devices.toLocaleString()} {devices === 1 ? 'device' : 'devices'}
            </span>
            {first !== undefined && (
              <span className="faint">
                , such as <Said text={`${first.itemName} ${first.version ?? ''}`} /> on <Said text={first.hostname} />
              </span>
            )}
          </li>
        ))}
      </ul>
    )}
  </>
)

/** Trying the rules takes longer than comparing them, so it is asked for by itself. */
export const Plan = ({ yaml, groups }: PlanSaid) => {
  const plan = useQuery(planQuery(yaml, groups, false))
  const tried = useQuery(planQuery(yaml, groups, true))
  if (plan.error !== null) return <Trouble fault={plan.error} />
  const { data } = plan
  if (data === undefined) return <p className="faint">Looking what it changes…</p>
  const lines = changeLines(data.changes)
  return (
    <section className="stack-tight" aria-label="What it changes" aria-busy={tried.data === undefined}>
      {bundleLines(data.bundles).map((line) => (
        <p key={line}>{line}</p>
      ))}
      {lines.length === 0 ? <p className="soft">No rule and no setting changes.</p> : <Lines lines={lines} />}
      {tried.error !== null && <Trouble fault={tried.error} />}
      {tried.error === null && tried.data === undefined && <p className="faint">Trying its rules…</p>}
      {tried.data?.trial !== undefined && tried.data.trial !== null && <Findings trial={tried.data.trial} />}
    </section>
  )
}
