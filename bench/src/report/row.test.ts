// Proof of when a bar is met, and of what the table says then.
// The bars themselves are in the cases.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Bar, isMet, type Row } from './row.ts'
import { showTable } from './table.ts'

const row = (measured: number, bars: readonly Bar[], value?: number): Row => ({
  case: 'sync-500',
  what: 'sync',
  unit: ' events/s',
  measured,
  bars,
  notes: ['a note'],
  ...(value === undefined ? {} : { ceiling: { what: 'bare inserts', value } }),
})

const cases: { name: string; row: Row; want: boolean | null }[] = [
  { name: 'exactly the bar is met', row: row(100, [{ of: 'measured', atLeast: 100 }]), want: true },
  { name: 'below the bar is short', row: row(99.9, [{ of: 'measured', atLeast: 100 }]), want: false },
  { name: 'at most is met from below', row: row(99, [{ of: 'measured', atMost: 100 }]), want: true },
  { name: 'above at most is short', row: row(101, [{ of: 'measured', atMost: 100 }]), want: false },
  { name: 'a ratio is to the ceiling', row: row(40, [{ of: 'ratio', atLeast: 0.4 }], 100), want: true },
  { name: 'a ratio without a ceiling is short', row: row(40, [{ of: 'ratio', atLeast: 0.4 }]), want: false },
  {
    name: 'one of two bars missed is short',
    row: row(
      70,
      [
        { of: 'measured', atLeast: 60 },
        { of: 'ratio', atLeast: 0.8 },
      ],
      100,
    ),
    want: false,
  },
  { name: 'what is no number is short', row: row(Number.NaN, [{ of: 'measured', atMost: 1 }]), want: false },
  { name: 'without a bar there is no verdict', row: row(1, []), want: null },
]
for (const { name, row: said, want } of cases) test(name, () => assert.equal(isMet(said), want))

test('the table shows both clocks, the ratio, the bar, the verdict and the notes', () => {
  const said = { ...row(50_000, [{ of: 'ratio', atLeast: 0.4 } as const], 100_000), onTheClock: 1234 }
  const text = showTable([said])
  assert.match(text, /sync +50,000 events\/s \(1,234\) +100,000 events\/s +0\.50 +ratio ≥ 0\.4 +met/)
  assert.match(text, /sync \(ceiling: bare inserts\)\n {2}a note/)
})
