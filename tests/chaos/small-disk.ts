// Disks that run full or fail to keep what was written, made for one test: real file systems where this process may
// mount, and the kernel's limit on file sizes where it may not. What a server does about it is the test's.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

export interface SmallDisk {
  /** What happens on it, for the name of a test. */
  readonly fault: string
  /** Where a server may put its data; it exists only while the disk is in. */
  readonly dataDir: string
  /** From now on the disk fails, for this process at least; nobody is told. */
  fail(pid: number): Promise<void>
  heal(pid: number): Promise<void>
  /** To be called when the process is gone: what had not reached the device is lost, and the disk is well again. */
  cutPower(): Promise<void>
  remove(): Promise<void>
}

// Tools of the system lie there too, whatever the PATH of the caller.
const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` }

const run = (program: string, ...args: readonly string[]): string => {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', env })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`)
  return stdout.trim()
}

interface Mounted {
  undo(): Promise<void>
}

/** A mount that is undone when its guard hears that this process closed the pipe, or died in whatever way. */
const mount = (point: string, ...args: readonly string[]): Mounted => {
  mkdirSync(point, { recursive: true })
  run('mount', ...args, point)
  const script = 'read -r _; umount "$0" || umount -l "$0"'
  const guard: ChildProcess = spawn('sh', ['-c', script, point], {
    env,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  const gone = once(guard, 'exit')
  return {
    async undo() {
      guard.stdin?.end()
      await gone
    },
  }
}

const pieceBytes = 64 * 1024

/** Writes a file until nothing more goes in. */
const fill = async (file: string): Promise<void> => {
  const ballast = await open(file, 'a')
  try {
    for (let size = pieceBytes; size >= 512; size /= 2) {
      const piece = Buffer.alloc(size)
      try {
        for (;;) await ballast.write(piece)
      } catch (fault) {
        if (!(fault instanceof Error && 'code' in fault && fault.code === 'ENOSPC')) throw fault
      }
    }
  } finally {
    await ballast.close()
  }
}

/** As a machine does when it starts again; the two lowest codes say that there was nothing to do, or that it was done. */
const repair = (image: string): void => {
  const { status, stdout, error } = spawnSync('fsck.ext4', ['-y', image], { encoding: 'utf8', env })
  if (status !== 0 && status !== 1) throw new Error(`fsck.ext4 ${image}: ${error?.message ?? stdout.trim()}`)
}

const makeFolder = (): string => mkdtempSync(join(tmpdir(), 'muster-disk-'))

/** A file system in memory, with a neighbour who takes all the room. */
const memoryDisk = (folder: string): SmallDisk => {
  const point = join(folder, 'memory')
  const mounted = mount(point, '-t', 'tmpfs', '-o', 'size=48m,mode=700', 'tmpfs')
  const ballast = join(point, 'ballast')
  return {
    fault: 'is full',
    dataDir: join(point, 'data'),
    fail: () => fill(ballast),
    heal: async () => rmSync(ballast, { force: true }),
    cutPower: async () => rmSync(ballast, { force: true }),
    async remove() {
      await mounted.undo()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Mounts a file as a disk; the device goes when the mount does. */
const mountImage = (image: string, point: string): Mounted => {
  const device = run('losetup', '--find', '--show', image)
  try {
    // The loop driver takes a write that was cut short for a whole one, so none may be larger than the least room.
    writeFileSync(`/sys/block/${basename(device)}/queue/max_sectors_kb`, '4')
    return mount(point, device)
  } finally {
    run('losetup', '--detach', device)
  }
}

/** A journal keeps a file system whole when power fails; without one it goes on after faults that would end the journal. */
type Journal = 'journal' | 'no journal'

const formatOptions: Record<Journal, readonly string[]> = {
  journal: ['-J', 'size=4', '-E', 'packed_meta_blocks=1'],
  'no journal': ['-O', '^has_journal', '-E', 'packed_meta_blocks=1'],
}

/** What the file system keeps for itself lies in the first megabytes; they get real bytes, so that only files can fail. */
const format = (image: string, journal: Journal): void => {
  run('truncate', '-s', '256M', image)
  run('mkfs.ext4', '-q', '-F', '-b', '4096', ...formatOptions[journal], image)
  run('dd', `if=${image}`, `of=${image}`, 'bs=1M', 'count=24', 'conv=notrunc', 'status=none')
}

/**
 * A file system of 256 MB on a device that says it has them, and has not: writing succeeds, and only fsync learns that
 * the bytes went nowhere.
 */
const hollowDisk =
  (journal: Journal) =>
  (folder: string): SmallDisk => {
    const below = join(folder, 'below')
    const point = join(folder, 'hollow')
    const image = join(below, 'image')
    const ballast = join(below, 'ballast')
    const holder = mount(below, '-t', 'tmpfs', '-o', 'size=96m,mode=700', 'tmpfs')
    let mounted: Mounted
    try {
      format(image, journal)
      mounted = mountImage(image, point)
    } catch (fault) {
      void holder.undo()
      throw fault
    }
    return {
      fault: 'keeps nothing that is synced to it',
      dataDir: join(point, 'data'),
      fail: () => fill(ballast),
      heal: async () => rmSync(ballast, { force: true }),
      async cutPower() {
        const saved = join(folder, 'saved')
        // What the device holds now is all that counts; unmounting would still bring it what memory held.
        run('cp', '--sparse=always', image, saved)
        await mounted.undo()
        rmSync(ballast, { force: true })
        run('cp', '--sparse=always', saved, image)
        rmSync(saved)
        repair(image)
        mounted = mountImage(image, point)
      },
      async remove() {
        await mounted.undo()
        await holder.undo()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  }

/** No file of the process may grow beyond what the largest one of the database has now. */
const limitedDisk = (folder: string): SmallDisk => {
  const dataDir = join(folder, 'data')
  const limit = (pid: number, size: string): string => run('prlimit', '--pid', String(pid), `--fsize=${size}:`)
  return {
    fault: 'lets no file grow',
    dataDir,
    async fail(pid) {
      const sizes = readdirSync(dataDir).map((name) => statSync(join(dataDir, name)).size)
      limit(pid, String(Math.max(...sizes)))
    },
    heal: async (pid) => void limit(pid, 'unlimited'),
    cutPower: async () => {},
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** The first of these that this machine lets this process have. */
const firstOf = (...makers: readonly ((folder: string) => SmallDisk)[]): SmallDisk => {
  const folder = makeFolder()
  const faults: string[] = []
  for (const make of makers) {
    try {
      return make(folder)
    } catch (fault) {
      faults.push(String(fault))
    }
  }
  throw new Error(`no small disk can be made here: ${faults.join('; ')}`)
}

/** Nothing more goes in once it fails. */
export const makeFullDisk = (): SmallDisk => firstOf(memoryDisk, limitedDisk)

/** Its fsync fails, and works again once it is well. */
export const makeFailingDisk = (): SmallDisk => firstOf(hollowDisk('no journal'), limitedDisk)

/** As `makeFailingDisk`, and it keeps over a power cut what a good disk keeps; it may not get well by itself. */
export const makeMortalDisk = (): SmallDisk => firstOf(hollowDisk('journal'), limitedDisk)
