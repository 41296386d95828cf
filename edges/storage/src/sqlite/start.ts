// Where a database thread begins: it finds compiled what the threads before it were, or left for the next start.
// What it does is thread.ts, which is loaded after that because a module's imports come first.
import { enableCompileCache } from 'node:module'
import { workerData } from 'node:worker_threads'
import type { ThreadSettings } from './messages.ts'

if ((workerData as ThreadSettings).keepsCompiled) enableCompileCache()
await import('./thread.ts')
