// An answer as a whole: five verdicts with their counts, the versions there are, and what it cannot know.
// The devices in it are page.tsx.
import { Link } from '@tanstack/react-router'
import { Icon } from '../../parts/icon.tsx'
import { Mark, verdictLooks } from '../../parts/marks.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Said } from '../../parts/said.tsx'
import type { AnswerTo } from '../../wire/ask.ts'
import { verdicts } from '../../wire/routes.built.ts'
import { type SearchView, verdictMeanings } from './decide.ts'

type Answer = AnswerTo<'searchInventory'>

interface AnswerSaid {
  readonly answer: Answer
  readonly view: SearchView
}

/** Each is a way to list the devices with that verdict; once more leads back. */
const Verdicts = ({ answer, view: { device: _open, ...view } }: AnswerSaid) => (
  <nav className="figures" aria-label="Verdicts">
    {verdicts.map((verdict) => {
      const { verdict: listed, ...others } = view
      return (
        <Link
          key={verdict}
          className="figure"
          to="/search"
          search={listed === verdict ? others : { ...view, verdict }}
          activeOptions={{ exact: true, includeSearch: true }}
          {...(listed === verdict && { 'aria-current': 'true', 'data-chosen': '' })}
          title={verdictMeanings[verdict]}
        >
          <span className="value">{(answer.verdicts[verdict] ?? 0).toLocaleString()}</span>
          <span className="name">
            <Mark look={verdictLooks[verdict]} />
          </span>
          <span className="faint small">{verdictMeanings[verdict]}</span>
        </Link>
      )
    })}
  </nav>
)

const mostVersions = 12

const Versions = ({ answer: { versions } }: Pick<AnswerSaid, 'answer'>) =>
  versions.length > 0 && (
    <p className="wrap">
      <span className="soft">Versions</span>
      {versions.slice(0, mostVersions).map(({ version, devices }) => (
        <span key={version ?? ''} className="tag">
          {version === null ? 'none' : <Said text={version} />} · {devices.toLocaleString()}
        </span>
      ))}
      {versions.length > mostVersions && <span className="faint">and {versions.length - mostVersions} more</span>}
    </p>
  )

const Suggestions = ({ answer: { suggestions }, view }: AnswerSaid) =>
  suggestions.length > 0 && (
    <p className="wrap">
      <span className="soft">Nothing is called exactly so. Did you mean</span>
      {suggestions.map((name) => (
        <Link key={name} to="/search" search={{ ...view, q: name }}>
          <Said text={name} />
        </Link>
      ))}
    </p>
  )

export const AnswerHead = ({ answer, view }: AnswerSaid) => (
  <>
    <Verdicts answer={answer} view={view} />
    <div className="notice">
      <Icon name="notable" />
      <div className="stack-tight">
        <p>
          {view.from === undefined ? (
            <>
              As of <Moment at={answer.window.to} exact />
            </>
          ) : (
            <>
              At any time between <Moment at={answer.window.from} exact /> and <Moment at={answer.window.to} exact />
            </>
          )}
          {answer.firstObservedAt !== null && (
            <>
              ; first seen in the fleet <Moment at={answer.firstObservedAt} exact />
            </>
          )}
          . Not observed is not the same as not present.
        </p>
        <p className="soft">{answer.notes.join(' ')}</p>
        <Versions answer={answer} />
        <Suggestions answer={answer} view={view} />
      </div>
    </div>
  </>
)
