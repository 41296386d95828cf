// The dialog that names every key.
// What they do is keys.ts and, in lists, parts/rows.tsx.
import { Dialog } from '../parts/controls.tsx'
import { places } from './places.ts'

const listKeys: readonly (readonly [keys: readonly string[], what: string])[] = [
  [['j', 'k'], 'next and previous row'],
  [['Home', 'End'], 'first and last row'],
  [['Enter'], 'open the row'],
  [['x'], 'choose the row'],
]

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

export const KeysHelp = ({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) => (
  <Dialog title="Keys" isOpen={isOpen} onClose={onClose}>
    <h3>Everywhere</h3>
    <dl className="facts">
      <Line keys={['/']} what="search on this page" />
      <Line keys={['?']} what="these keys" />
      {places.map(({ key, name }) => (
        <Line key={key} keys={['g', key]} what={`go to ${name}`} />
      ))}
      <Line keys={['Esc']} what="close what is open" />
    </dl>
    <h3>In lists</h3>
    <dl className="facts">
      {listKeys.map(([keys, what]) => (
        <Line key={what} keys={keys} what={what} />
      ))}
    </dl>
  </Dialog>
)
