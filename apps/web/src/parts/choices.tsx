// Several of a list, each with a box of its own; none of them means no limit.
// What they are, and what choosing them does, is the page's.
import { Said } from './said.tsx'

export interface ChoicesSaid<Value extends string> {
  readonly legend: string
  readonly options: readonly (readonly [value: Value, word: string])[]
  readonly chosen: readonly Value[]
  readonly onChange: (chosen: readonly Value[]) => void
  readonly hint?: string
  readonly fault?: string | undefined
}

export const Choices = <Value extends string>({
  legend,
  options,
  chosen,
  onChange,
  hint,
  fault,
}: ChoicesSaid<Value>) => (
  <fieldset className="choices">
    <legend>{legend}</legend>
    {hint !== undefined && <p className="soft small">{hint}</p>}
    {options.map(([value, word]) => {
      const isChosen = chosen.includes(value)
      return (
        <label key={value} className="wrap">
          <input
            type="checkbox"
            checked={isChosen}
            onChange={() => onChange(isChosen ? chosen.filter((one) => one !== value) : [...chosen, value])}
          />
          <Said text={word} />
        </label>
      )
    })}
    {fault !== undefined && (
      <p className="mark tone-critical" role="alert">
        {fault}
      </p>
    )}
  </fieldset>
)
