// Text that somebody might send to break something: what databases, decoders, terminals and browsers choke on.
// What must not happen is hostile.test.ts and hostile-text.test.ts.

const printable = (length: number): string =>
  Array.from({ length }, () => String.fromCharCode(33 + Math.floor(Math.random() * 90))).join('')

/** Nothing that can be compressed into an index row. */
export const HOSTILE_STRINGS: Readonly<Record<string, string>> = {
  'a NUL': 'a\u0000b',
  'only NULs': '\u0000\u0000\u0000',
  'half a surrogate pair, the first': 'a\ud800',
  'half a surrogate pair, the second': '\udfffb',
  'surrogates in the wrong order': '\udc00\ud800',
  'control characters': '\u0001\u001b[2J\u0007\u007f\u0085\r\n\t',
  'bidirectional overrides': '\u202eexe.txt\u2066\u2069\u200f',
  'characters that look like nothing': '\u200b\ufeff\u00ad\u2028\u2029',
  markup: `"><script>alert(1)</script>{{7*7}}\${7*7}<img src=x onerror=alert(1)>`,
  'a query': `'; DROP TABLE observe_event; -- ' OR '1'='1`,
  'patterns of SQL and of regular expressions': String.raw`%_\%__*?[a-z]+(.*)$^|`,
  'a path out of here': '../../../../etc/passwd\u0000.json',
  'names of every object': '__proto__',
  'a format string': '%s%s%s%n%x',
  '8 KiB': printable(8192),
  '8 KiB of three bytes each': '界'.repeat(8192),
  '8 KiB of emoji': '👩‍👩‍👧‍👦'.repeat(745),
  '50 KB': printable(50_000),
  nothing: '',
  'a space': ' ',
}
