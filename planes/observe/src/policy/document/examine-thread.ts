// The program of the thread in which policies are examined: text in, examination out, one at a time.
// Starting it, and ending it when a text takes too long, is examine-aside.ts.
import { parentPort } from 'node:worker_threads'
import { type Examination, examinePolicy } from './examine.ts'
import type { Judging } from './validate.ts'

export interface ExamineAsk {
  readonly text: string
  readonly judging: Judging
}

const port = parentPort
if (port === null) throw new Error('examine-thread.ts is the program of a worker thread')

port.on('message', ({ text, judging }: ExamineAsk) => {
  const examination: Examination = examinePolicy(text, judging)
  port.postMessage(examination)
})
