// What lockfiles of Yarn say, old and new, as tables. Lockfiles written by Yarn itself are fixtures.test.ts.
// Which files are read at all is javascript-packages.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { toldBy } from '../testing/ground.ts'
import { readYarnLockfile } from './yarn-lockfile.ts'

const classic = (header: string, ...body: string[]): string => `# yarn lockfile v1\n\n\n${header}\n${body.join('\n')}\n`

const cases: readonly { readonly name: string; readonly text: string; readonly want: readonly string[] }[] = [
  { name: 'a plain selector', text: classic('a@^1.0.0:', '  version "1.2.3"'), want: ['a@1.2.3'] },
  {
    name: 'several selectors with a scope',
    text: classic('"@s/a@^1.0.0", "@s/a@^1.1.0":', '  version "1.2.3"', '  resolved "https://r/a.tgz#x"'),
    want: ['@s/a@1.2.3'],
  },
  { name: 'an alias', text: classic('"b@npm:a@^1.0.0":', '  version "1.2.3"'), want: ['b@1.2.3'] },
  {
    name: 'a repository, cut as every agent cuts it',
    text: classic('"a@git+ssh://git@example.org/a.git":', '  version "1.0.0"'),
    want: ['a@git+ssh://git@1.0.0'],
  },
  {
    name: 'a dependency that is called version',
    text: classic('a@1:', '  version "1.0.0"', '  dependencies:', '    version "9.9.9"'),
    want: ['a@1.0.0'],
  },
  { name: 'CRLF', text: classic('a@1:', '  version "1.0.0"').replaceAll('\n', '\r\n'), want: ['a@1.0.0'] },
  { name: 'an entry without a version', text: classic('a@1:', '  resolved "x"'), want: ['! 1 odd'] },
  { name: 'a header without a range', text: classic('a:', '  version "1.0.0"'), want: ['! 1 odd'] },
  {
    name: 'conflicts of a merge',
    text: classic('<<<<<<< HEAD', 'a@1:', '  version "1.0.0"', '=======', '>>>>>>> other'),
    want: ['! has conflicts that nobody resolved'],
  },
  {
    name: 'the newer form',
    text: '__metadata:\n  version: 8\n\n"a@npm:^1.0.0, a@npm:^1.1.0":\n  version: 1.2.3\n  resolution: "a@npm:1.2.3"\n',
    want: ['a@1.2.3'],
  },
  {
    name: 'the newer form with a scope and an alias',
    text: '"@s/b@npm:@s/a@^1.0.0":\n  version: 1.2.3\n',
    want: ['@s/b@1.2.3'],
  },
  {
    name: 'workspaces, links and portals are no packages',
    text: [
      '"w@workspace:.":\n  version: 0.0.0-use.local\n  linkType: soft',
      '"l@link:../l::locator=x":\n  version: 0.0.0-use.local',
      '"p@portal:../p":\n  version: 1.0.0',
      '"s@npm:1":\n  version: 1.0.0\n  linkType: soft',
    ].join('\n\n'),
    want: [],
  },
  {
    name: 'a patch of a package is the package',
    text: '"a@patch:a@npm%3A1.0.0#optional!builtin<compat/a>":\n  version: 1.0.0\n',
    want: ['a@1.0.0'],
  },
  {
    name: 'a repository of the newer form',
    text: '"a@git@example.org:x/a.git#commit=1":\n  version: 1.0.0\n',
    want: ['a@1.0.0'],
  },
  {
    name: 'a header too long for one line',
    text: '? "a@npm:^1.0.0, a@npm:^1.1.0"\n:\n  version: 1.0.0\n',
    want: ['a@1.0.0'],
  },
  { name: 'a version in quotes', text: '"a@npm:1":\n  version: "1.0.0"\n', want: ['a@1.0.0'] },
  { name: 'a byte order mark', text: '\ufeffa@1:\n  version "1.0.0"\n', want: ['a@1.0.0'] },
  { name: 'nothing', text: '', want: [] },
  { name: 'nothing but its comment', text: '# yarn lockfile v1\n\n\n', want: [] },
  { name: 'something else', text: '{"lockfile": 1}\n', want: ['! is not a yarn.lock'] },
]
for (const { name, text, want } of cases)
  test(`yarn lockfile: ${name}`, () => assert.deepEqual(toldBy(readYarnLockfile(text)), want))

test('yarn lockfile: no text makes the reader throw', () => {
  const piece = fc.constantFrom('a@1:', '"', '\n', '  version ', '1.0', ':', '? ', '__metadata:', '\r', '#', '@', ',')
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((pieces) => pieces.join('')),
      ),
      (text) => {
        const reading = readYarnLockfile(text)
        for (const { name, version } of reading.ok ? reading.packages : []) assert.ok(name !== '' && version !== '')
      },
    ),
    { numRuns: 1000 },
  )
})
