// The golden vectors of the payload (sensor-protocol 9.1): what the reference encoder writes for five values.
// Tests of every room that handles payload bytes may read them.
import type { Payload, PayloadItem, ReportedFinding } from './payload.ts'

export interface GoldenVector {
  readonly name: string
  readonly base64: string
  readonly sha256: string
  readonly payload: Payload
}

const ripgrep: PayloadItem = {
  itemId: 'homebrew/package//opt/homebrew/Cellar/ripgrep/ripgrep',
  surface: 'homebrew',
  kind: 'package',
  name: 'ripgrep',
  version: '14.1.1',
  path: '/opt/homebrew/Cellar/ripgrep',
  origin: 'homebrew/core',
  detail: null,
  installedOnRequest: true,
  attributes: {},
}

const pcre2: PayloadItem = {
  ...ripgrep,
  itemId: 'homebrew/package//opt/homebrew/Cellar/pcre2/pcre2',
  name: 'pcre2',
  version: null,
  path: '/opt/homebrew/Cellar/pcre2',
  origin: 'unknown',
  installedOnRequest: false,
}

const weather: PayloadItem = {
  itemId: 'claudeConfig/mcpServer//Users/ada/.claude.json/weather',
  surface: 'claudeConfig',
  kind: 'mcpServer',
  name: 'weather',
  version: null,
  path: '/Users/ada/.claude.json',
  origin: 'npx',
  detail: 'npx -y weather-mcp',
  installedOnRequest: null,
  attributes: {},
}

const runner: ReportedFinding = {
  id: '6F9619FF-8B86-D011-B42D-00C04FC964FF',
  surface: 'claudeConfig',
  itemId: weather.itemId,
  ruleId: 'agent.config.ephemeral-runner',
  title: 'Runner',
  rationale: 'Fetches code at launch',
  severity: 'notable',
  itemName: 'weather',
  evidence: {
    path: weather.path,
    detail: weather.detail,
    matchedField: 'detail',
    matchedValue: 'npx -y weather-mcp',
  },
  observedAt: '2026-06-02T12:00:00.000Z',
}

const always: ReportedFinding = {
  ...runner,
  surface: 'homebrew',
  itemId: pcre2.itemId,
  ruleId: 'custom.always',
  title: 'T',
  rationale: 'R',
  severity: 'critical',
  itemName: 'pcre2',
  evidence: { path: pcre2.path, detail: null, matchedField: null, matchedValue: null },
}

export const goldenVectors: readonly GoldenVector[] = [
  {
    name: 'A',
    base64:
      'CAESjAEKNWhvbWVicmV3L3BhY2thZ2UvL29wdC9ob21lYnJldy9DZWxsYXIvcmlwZ3JlcC9yaXBncmVwEghob21lYnJldxoHcGFja2FnZSIHcmlwZ3JlcCoGMTQuMS4xMhwvb3B0L2hvbWVicmV3L0NlbGxhci9yaXBncmVwOhEKDWhvbWVicmV3L2NvcmUQAQ==',
    sha256: '6103f3c6f442f3d5895ccb3744f876d3286f28906f9d072fb66ca3eb11f9c7c6',
    payload: { body: 'inventoryItem', item: ripgrep },
  },
  {
    name: 'B',
    base64:
      'CAESdgoxaG9tZWJyZXcvcGFja2FnZS8vb3B0L2hvbWVicmV3L0NlbGxhci9wY3JlMi9wY3JlMhIIaG9tZWJyZXcaB3BhY2thZ2UiBXBjcmUyMhovb3B0L2hvbWVicmV3L0NlbGxhci9wY3JlMjoLCgd1bmtub3duEAA=',
    sha256: '3fc5d926a2d4a10205ba99b84465b3b7c0b7cb2abde6574d8c197095e197ffa6',
    payload: { body: 'inventoryItem', item: pcre2 },
  },
  {
    name: 'C',
    base64:
      'CAESjgEKNmNsYXVkZUNvbmZpZy9tY3BTZXJ2ZXIvL1VzZXJzL2FkYS8uY2xhdWRlLmpzb24vd2VhdGhlchIMY2xhdWRlQ29uZmlnGgltY3BTZXJ2ZXIiB3dlYXRoZXIyFy9Vc2Vycy9hZGEvLmNsYXVkZS5qc29uOhkKA25weBoSbnB4IC15IHdlYXRoZXItbWNw',
    sha256: '7db9153e522cef1ab706e923556290141434b9eb32e0a6575b99896d07502fd1',
    payload: { body: 'inventoryItem', item: weather },
  },
  {
    name: 'D',
    base64:
      'CAEaogIKJDZGOTYxOUZGLThCODYtRDAxMS1CNDJELTAwQzA0RkM5NjRGRhIMY2xhdWRlQ29uZmlnGjZjbGF1ZGVDb25maWcvbWNwU2VydmVyLy9Vc2Vycy9hZGEvLmNsYXVkZS5qc29uL3dlYXRoZXIiHWFnZW50LmNvbmZpZy5lcGhlbWVyYWwtcnVubmVyKgZSdW5uZXIyFkZldGNoZXMgY29kZSBhdCBsYXVuY2g6B25vdGFibGVCB3dlYXRoZXJKSQoXL1VzZXJzL2FkYS8uY2xhdWRlLmpzb24SEm5weCAteSB3ZWF0aGVyLW1jcBoGZGV0YWlsIhJucHggLXkgd2VhdGhlci1tY3BSGDIwMjYtMDYtMDJUMTI6MDA6MDAuMDAwWg==',
    sha256: '3443d0dace07bab175ee947dac4f69306b0ce78c9ed37a28521787c627a02c16',
    payload: { body: 'finding', finding: runner },
  },
  {
    name: 'E',
    base64:
      'CAEawQEKJDZGOTYxOUZGLThCODYtRDAxMS1CNDJELTAwQzA0RkM5NjRGRhIIaG9tZWJyZXcaMWhvbWVicmV3L3BhY2thZ2UvL29wdC9ob21lYnJldy9DZWxsYXIvcGNyZTIvcGNyZTIiDWN1c3RvbS5hbHdheXMqAVQyAVI6CGNyaXRpY2FsQgVwY3JlMkocChovb3B0L2hvbWVicmV3L0NlbGxhci9wY3JlMlIYMjAyNi0wNi0wMlQxMjowMDowMC4wMDBa',
    sha256: '5f6568d19287a8953e25fe3bfac29e0d635539d415e7be2a4f816460693d0fb3',
    payload: { body: 'finding', finding: always },
  },
]
