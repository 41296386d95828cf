// From when to when, chosen in the zone of whoever looks; what leaves here is a moment as the API writes it.
// What happens in between is the page's.
import { inputTime } from './decide-time.ts'
import { momentOf } from './decide-words.ts'

export interface PeriodSaid {
  readonly from: string | undefined
  readonly to: string | undefined
  readonly onChange: (part: { readonly from?: string | undefined; readonly to?: string | undefined }) => void
}

const shown = (at: string | undefined): string => (at === undefined ? '' : inputTime(Date.parse(at)))

export const Period = ({ from, to, onChange }: PeriodSaid) => (
  <>
    <label className="wrap">
      <span className="soft">from</span>
      <input
        className="input moment-input"
        type="datetime-local"
        value={shown(from)}
        onChange={({ target }) => onChange({ from: momentOf(target.value) })}
      />
    </label>
    <label className="wrap">
      <span className="soft">to</span>
      <input
        className="input moment-input"
        type="datetime-local"
        value={shown(to)}
        onChange={({ target }) => onChange({ to: momentOf(target.value) })}
      />
    </label>
  </>
)
