// The names in requirements, the lines of requirements files, and the tables of TOML files, as tables.
// Files that include others, and the surface on a real disk, are python-packages.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { toldBy } from '../testing/ground.ts'
import { readPyproject } from './pyproject.ts'
import { requirementLines, requirementName } from './requirement.ts'
import { readPylock, readUvLock } from './toml-locks.ts'

const names: readonly (readonly [requirement: string, want: string])[] = [
  ['django', 'django'],
  ['django==4.0', 'django'],
  ['django >= 4.0, < 5', 'django '],
  ['requests[socks]~=2.0', 'requests[socks]'],
  ['a!=1', 'a'],
  ['pkg @ https://example.org/pkg.whl', 'pkg'],
  ['tomli; python_version < "3.11"', 'tomli; python_version '],
  ['https://example.org/pkg.whl', 'https://example.org/pkg.whl'],
]
for (const [requirement, want] of names)
  test(`the name in ${requirement} is ${JSON.stringify(want)}`, () => assert.equal(requirementName(requirement), want))

const said = (text: string): readonly string[] =>
  [...requirementLines(text)].map((line) =>
    line.says === 'requirement' ? line.name : `${line.isConstraint ? '-c' : '-r'} ${line.path}`,
  )

const lines: readonly { readonly name: string; readonly text: string; readonly want: readonly string[] }[] = [
  { name: 'plain lines', text: 'a==1\n  b  \n\n# c\nd # why\n', want: ['a', 'b', 'd # why'] },
  { name: 'CRLF', text: 'a==1\r\nb\r\n', want: ['a', 'b'] },
  {
    name: 'lines that go on',
    text: 'a==1 \\\n    --hash=sha256:x \\\n    --hash=sha256:y\nb\\\n==2\nc \\',
    want: ['a', 'b', 'c'],
  },
  { name: 'options', text: '--index-url https://x\n-i https://x\n--hash=sha256:x\n-f .\n', want: [] },
  {
    name: 'editable',
    text: '-e ./local\n-e git+https://example.org/a.git\n',
    want: ['./local', 'git+https://example.org/a.git'],
  },
  {
    name: 'includes',
    text: '-r base.txt\n--requirement  more.txt # why\n-c pins.txt\n--constraint c/d.txt\n-rnone.txt\n-r\n',
    want: ['-r base.txt', '-r more.txt', '-c pins.txt', '-c c/d.txt'],
  },
  { name: 'a byte order mark', text: '\ufeffa\n', want: ['a'] },
  { name: 'an operator and nothing else', text: '==1\n', want: [] },
]
for (const { name, text, want } of lines) test(`requirements: ${name}`, () => assert.deepEqual(said(text), want))

const tables: readonly {
  readonly name: string
  readonly read: typeof readUvLock
  readonly text: string
  readonly want: readonly string[]
}[] = [
  {
    name: 'uv.lock',
    read: readUvLock,
    text: `version = 1
requires-python = ">=3.11"

[[package]]
name = "idna"
version = "3.7"
source = { registry = "https://pypi.org/simple" }
sdist = { url = "https://example.org/idna-3.7.tar.gz", hash = "sha256:x", size = 1 }

[[package]]
name = "mine"
source = { editable = "." }

[[package]]
version = "1"
`,
    want: ['idna@3.7', 'mine@', '! 1 odd'],
  },
  {
    name: 'pylock.toml',
    read: readPylock,
    text: 'lock-version = "1.0"\ncreated-by = "x"\n\n[[packages]]\nname = "attrs"\nversion = "25.1.0"\n[[packages.wheels]]\nname = "w"\n',
    want: ['attrs@25.1.0'],
  },
  { name: 'uv.lock without packages', read: readUvLock, text: 'version = 1\npackage = 1\n', want: [] },
  { name: 'half a uv.lock', read: readUvLock, text: '[[package]]\nname = "', want: ['! is not TOML'] },
  {
    name: 'pyproject.toml',
    read: readPyproject,
    text: `[project]
name = "mine"
dependencies = ["requests[socks]>=2", "idna"]
[project.optional-dependencies]
dev = ["pytest==8.0"]
[build-system]
requires = ["hatchling>=1"]
[dependency-groups]
test = ["coverage", {include-group = "lint"}, 7]
lint = ["ruff ; python_version > '3.8'"]
`,
    want: ['requests[socks]@', 'idna@', 'pytest@', 'hatchling@', 'coverage@', 'ruff ; python_version @'],
  },
  {
    name: 'pyproject.toml of strange shapes',
    read: readPyproject,
    text: 'project = 1\nbuild-system = []\n[dependency-groups]\na = "b"\n',
    want: [],
  },
  { name: 'half a pyproject.toml', read: readPyproject, text: '[project', want: ['! is not TOML'] },
  { name: 'nesting without end', read: readPyproject, text: `a = ${'['.repeat(200_000)}`, want: ['! is not TOML'] },
]
for (const { name, read, text, want } of tables) test(name, () => assert.deepEqual(toldBy(read(text)), want))

test('no text makes a reader throw', () => {
  const piece = fc.constantFrom(
    '[',
    ']',
    '[[package]]',
    '\n',
    'name',
    '=',
    '"a"',
    '{',
    '}',
    '-r ',
    '\\\n',
    '\r\n',
    ' @ ',
    '\ud800',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((pieces) => pieces.join('')),
      ),
      (text) => {
        for (const read of [readUvLock, readPylock, readPyproject]) read(text)
        for (const line of requirementLines(text)) if (line.says === 'requirement') assert.ok(line.name.isWellFormed())
      },
    ),
    { numRuns: 2000 },
  )
})
