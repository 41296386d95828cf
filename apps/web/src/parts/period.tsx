// A moment, or from when to when, chosen in the zone of whoever looks; what leaves here is as the API writes moments.
// What happens at that moment, or in between, is the page's.
import { inputTime } from './decide-time.ts'
import { momentOf } from './decide-words.ts'

export interface MomentFieldSaid {
  readonly word: string
  readonly at: string | undefined
  readonly onChange: (at: string | undefined) => void
}

export const MomentField = ({ word, at, onChange }: MomentFieldSaid) => (
  <label className="wrap">
    <span className="soft">{word}</span>
    <input
      className="input moment-input"
      type="datetime-local"
      value={at === undefined ? '' : inputTime(Date.parse(at))}
      onChange={({ target }) => onChange(momentOf(target.value))}
    />
  </label>
)

export interface PeriodSaid {
  readonly from: string | undefined
  readonly to: string | undefined
  readonly onChange: (part: { readonly from?: string | undefined; readonly to?: string | undefined }) => void
}

export const Period = ({ from, to, onChange }: PeriodSaid) => (
  <>
    <MomentField word="from" at={from} onChange={(at) => onChange({ from: at })} />
    <MomentField word="to" at={to} onChange={(at) => onChange({ to: at })} />
  </>
)
