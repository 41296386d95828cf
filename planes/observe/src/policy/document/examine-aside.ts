// Examines policies in a thread of their own: a hostile megabyte of YAML costs its author time, and nobody else.
// What is looked for is examine.ts; this file only guards the event loop.
import { Worker } from 'node:worker_threads'
import type { Examination } from './examine.ts'
import type { ExamineAsk } from './examine-thread.ts'
import type { ErrorCode } from './fault.ts'
import type { Judging } from './validate.ts'

export interface Examiner {
  /** Texts wait for one another; one that takes longer than the budget is answered with the error `too_costly`. */
  examine(text: string, judging: Judging): Promise<Examination>
  close(): Promise<void>
}

export interface ExaminerSettings {
  readonly budgetMs: number
}

/** A megabyte of honest rules takes about a second. */
const usual: ExaminerSettings = { budgetMs: 10_000 }

const tooCostly = (message: string): Examination => {
  const code: ErrorCode = 'too_costly'
  return { document: null, errors: [{ path: '', line: 1, column: 1, code, message }], warnings: [] }
}

const startThread = (): Worker =>
  new Worker(new URL('./examine-thread.ts', import.meta.url), { resourceLimits: { maxOldGenerationSizeMb: 512 } })

const isOutOfMemory = (fault: Error): boolean => 'code' in fault && fault.code === 'ERR_WORKER_OUT_OF_MEMORY'

/** One question to one thread; a thread that did not answer in time, or fell over, is of no further use. */
const ask = async (thread: Worker, said: ExamineAsk, budgetMs: number): Promise<Examination | 'late' | 'full'> => {
  const { promise, resolve, reject } = Promise.withResolvers<Examination | 'late' | 'full'>()
  const timer = setTimeout(resolve, budgetMs, 'late')
  const fail = (cause: Error): void =>
    isOutOfMemory(cause) ? resolve('full') : reject(new Error('examine a policy aside', { cause }))
  const leave = (): void => fail(new Error('the thread ended'))
  thread.on('message', resolve).on('error', fail).on('exit', leave)
  thread.ref()
  thread.postMessage(said)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    thread.off('message', resolve).off('error', fail).off('exit', leave)
    thread.unref()
  }
}

export const createExaminer = ({ budgetMs } = usual): Examiner => {
  let thread: Worker | undefined
  let last: Promise<unknown> = Promise.resolve()
  const drop = async (): Promise<void> => {
    const dropped = thread
    thread = undefined
    // A thread that falls over while it is being ended must not end the process.
    dropped?.on('error', () => {})
    await dropped?.terminate()
  }
  const examineNow = async (said: ExamineAsk): Promise<Examination> => {
    thread ??= startThread()
    try {
      const answer = await ask(thread, said, budgetMs)
      if (typeof answer === 'object') return answer
      await drop()
      return tooCostly(
        answer === 'late' ? `reading this took longer than ${budgetMs} ms` : 'reading this took too much memory',
      )
    } catch (fault) {
      await drop()
      throw fault
    }
  }
  return {
    examine(text, judging) {
      const turn = last.then(() => examineNow({ text, judging }))
      last = turn.catch(() => {})
      return turn
    },
    close: () => last.then(drop),
  }
}
