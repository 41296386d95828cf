// Which keys a page has beside those that work everywhere, as they are listed for whoever asks; pure.
// What they do is done where they are: in lists, on sliders, in the editor.

export type KeyLine = readonly [keys: readonly string[], what: string]

const list: readonly KeyLine[] = [
  [['j', 'k'], 'next and previous row'],
  [['Home', 'End'], 'first and last row'],
]
const opens: KeyLine = [['Enter'], 'open the row']
const withEvidence: readonly KeyLine[] = [
  ...list,
  [['Enter'], 'open the row beside the list; then j and k walk through what is open'],
  [['Esc'], 'close what is open beside the list'],
]

const pages: readonly (readonly [path: RegExp, lines: readonly KeyLine[]])[] = [
  [/^\/devices$/, [[['/'], 'find by name'], ...list, opens, [['x'], 'choose the row']]],
  [
    /^\/devices\/./,
    [
      [['/'], 'find in the inventory, when it is shown'],
      [['←', '→'], 'one step in time, on the slider and on charts'],
      [['PgUp', 'PgDn'], 'many steps in time'],
      ...list,
    ],
  ],
  [/^\/search$/, [[['/'], 'what to search for'], ...withEvidence]],
  [/^\/findings$/, [[['/'], 'find by rule'], ...withEvidence]],
  [/^\/policies$/, [...list, opens]],
  [
    /^\/policies\/./,
    [
      [['Ctrl+Space'], 'what can be written here'],
      [['F8'], 'to the next fault'],
      [['Ctrl+s'], 'save'],
      [['Tab'], 'out of the editor'],
    ],
  ],
  [/^\/audit$/, [[['/'], 'find by action'], ...withEvidence]],
  [/^\/(enrolment|settings)$/, list],
]

/** Nothing for a page that has none of its own. */
export const pageKeys = (path: string): readonly KeyLine[] => pages.find(([form]) => form.test(path))?.[1] ?? []
