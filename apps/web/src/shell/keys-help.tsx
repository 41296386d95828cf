// The dialog that names every key.
// What they do is keys.ts, and for those of one page whatever on it listens to them.
import { Dialog } from '../parts/controls.tsx'
import { pageKeys } from './decide-page-keys.ts'
import { places } from './places.ts'

const Line = ({ keys, what }: { readonly keys: readonly string[]; readonly what: string }) => (
  <>
    <dt>
      {keys.map((key) => (
        <span key={key}>
          <kbd>{key}</kbd>{' '}
        </span>
      ))}
    </dt>
    <dd>{what}</dd>
  </>
)

export interface KeysHelpSaid {
  /** Of the page whose own keys are named, too. */
  readonly path: string
  readonly isOpen: boolean
  readonly onClose: () => void
}

export const KeysHelp = ({ path, isOpen, onClose }: KeysHelpSaid) => {
  const own = pageKeys(path)
  return (
    <Dialog title="Keys" isOpen={isOpen} onClose={onClose}>
      {own.length > 0 && (
        <>
          <h3>On this page</h3>
          <dl className="facts">
            {own.map(([keys, what]) => (
              <Line key={what} keys={keys} what={what} />
            ))}
          </dl>
        </>
      )}
      <h3>Everywhere</h3>
      <dl className="facts">
        <Line keys={['/']} what="to the search of the page, or of the fleet" />
        <Line keys={['?']} what="these keys" />
        {places.map(({ key, name }) => (
          <Line key={key} keys={['g', key]} what={`go to ${name}`} />
        ))}
        <Line keys={['Esc']} what="close what is open" />
      </dl>
    </Dialog>
  )
}
