// The golden vectors of sensor-protocol 9.1, as they are published: bytes that the reference encoder wrote.
// What the server should make of them is in sensor-golden.test.ts.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'

const vector = (surface: string, sha256: string, base64: string) => {
  const bytes = Buffer.from(base64, 'base64')
  assert.equal(createHash('sha256').update(bytes).digest('hex'), sha256)
  return { surface, sha256, bytes }
}

export const goldenPayloads = {
  A: vector(
    'homebrew',
    '6103f3c6f442f3d5895ccb3744f876d3286f28906f9d072fb66ca3eb11f9c7c6',
    'CAESjAEKNWhvbWVicmV3L3BhY2thZ2UvL29wdC9ob21lYnJldy9DZWxsYXIvcmlwZ3JlcC9yaXBncmVwEghob21lYnJldxoHcGFja2FnZSIHcmlwZ3JlcCoGMTQuMS4xMhwvb3B0L2hvbWVicmV3L0NlbGxhci9yaXBncmVwOhEKDWhvbWVicmV3L2NvcmUQAQ==',
  ),
  B: vector(
    'homebrew',
    '3fc5d926a2d4a10205ba99b84465b3b7c0b7cb2abde6574d8c197095e197ffa6',
    'CAESdgoxaG9tZWJyZXcvcGFja2FnZS8vb3B0L2hvbWVicmV3L0NlbGxhci9wY3JlMi9wY3JlMhIIaG9tZWJyZXcaB3BhY2thZ2UiBXBjcmUyMhovb3B0L2hvbWVicmV3L0NlbGxhci9wY3JlMjoLCgd1bmtub3duEAA=',
  ),
  C: vector(
    'claudeConfig',
    '7db9153e522cef1ab706e923556290141434b9eb32e0a6575b99896d07502fd1',
    'CAESjgEKNmNsYXVkZUNvbmZpZy9tY3BTZXJ2ZXIvL1VzZXJzL2FkYS8uY2xhdWRlLmpzb24vd2VhdGhlchIMY2xhdWRlQ29uZmlnGgltY3BTZXJ2ZXIiB3dlYXRoZXIyFy9Vc2Vycy9hZGEvLmNsYXVkZS5qc29uOhkKA25weBoSbnB4IC15IHdlYXRoZXItbWNw',
  ),
  D: vector(
    'claudeConfig',
    '3443d0dace07bab175ee947dac4f69306b0ce78c9ed37a28521787c627a02c16',
    'CAEaogIKJDZGOTYxOUZGLThCODYtRDAxMS1CNDJELTAwQzA0RkM5NjRGRhIMY2xhdWRlQ29uZmlnGjZjbGF1ZGVDb25maWcvbWNwU2VydmVyLy9Vc2Vycy9hZGEvLmNsYXVkZS5qc29uL3dlYXRoZXIiHWFnZW50LmNvbmZpZy5lcGhlbWVyYWwtcnVubmVyKgZSdW5uZXIyFkZldGNoZXMgY29kZSBhdCBsYXVuY2g6B25vdGFibGVCB3dlYXRoZXJKSQoXL1VzZXJzL2FkYS8uY2xhdWRlLmpzb24SEm5weCAteSB3ZWF0aGVyLW1jcBoGZGV0YWlsIhJucHggLXkgd2VhdGhlci1tY3BSGDIwMjYtMDYtMDJUMTI6MDA6MDAuMDAwWg==',
  ),
  E: vector(
    'homebrew',
    '5f6568d19287a8953e25fe3bfac29e0d635539d415e7be2a4f816460693d0fb3',
    'CAEawQEKJDZGOTYxOUZGLThCODYtRDAxMS1CNDJELTAwQzA0RkM5NjRGRhIIaG9tZWJyZXcaMWhvbWVicmV3L3BhY2thZ2UvL29wdC9ob21lYnJldy9DZWxsYXIvcGNyZTIvcGNyZTIiDWN1c3RvbS5hbHdheXMqAVQyAVI6CGNyaXRpY2FsQgVwY3JlMkocChovb3B0L2hvbWVicmV3L0NlbGxhci9wY3JlMlIYMjAyNi0wNi0wMlQxMjowMDowMC4wMDBa',
  ),
} as const
