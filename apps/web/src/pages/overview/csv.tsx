// The button that takes a list of the overview away, as small as the list is short.
// What a table holds is tables.ts.
import { Button } from '../../parts/controls.tsx'

export const Csv = ({ name, onPress }: { readonly name: string; readonly onPress: () => Promise<number> }) => (
  <Button tone="quiet" label={`${name} as CSV`} onPress={() => void onPress()}>
    CSV
  </Button>
)
