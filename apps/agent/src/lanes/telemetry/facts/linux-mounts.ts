// Which of the mounts in /proc/self/mountinfo are disks of this machine that can be measured without waiting. Pure.
// Measuring them is linux.ts. A mount of another machine may hang for ever, so none is touched, and none that lies below.

export interface Mount {
  readonly mount: string
  /** Answered by a program and not by the kernel: it may hang, and has to be asked from outside this process. */
  readonly isForeign: boolean
}

interface MountLine {
  readonly device: string
  readonly root: string
  readonly mount: string
  readonly options: readonly string[]
  readonly type: string
  readonly source: string
}

/** Spaces, tabs, newlines and backslashes in paths are written as octal numbers. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_whole, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))

const lineOf = (text: string): MountLine | null => {
  const [before = '', after = ''] = text.split(' - ', 2)
  const [, , device, root, mount, options] = before.split(' ')
  const [type, source] = after.split(' ')
  if (device === undefined || mount === undefined || type === undefined || source === undefined) return null
  return {
    device,
    root: unescaped(root ?? '/'),
    mount: unescaped(mount),
    options: (options ?? '').split(','),
    type,
    source: unescaped(source),
  }
}

/** Their statfs answers from memory, whatever the disk does. */
const localTypes: ReadonlySet<string> = new Set(
  (
    'ext2 ext3 ext4 xfs btrfs zfs f2fs jfs reiserfs bcachefs nilfs2 ' +
    'vfat msdos exfat ntfs ntfs3 hfs hfsplus ufs apfs'
  ).split(' '),
)
/** A local disk behind a program, such as NTFS by ntfs-3g. */
const programType = 'fuseblk'

const remoteType =
  /^(?:nfs\d?|cifs|smb\w*|fuse(?:\..*)?|fuseblk|9p|virtiofs|ceph|glusterfs|lustre|afs|coda|ncpfs|gfs2?|ocfs2|gpfs|beegfs|orangefs|pvfs2|davfs|acfs|vboxsf|vmhgfs|prl_fs|drvfs)$/

const isImage = ({ source, options }: MountLine): boolean => source.startsWith('/dev/loop') && options.includes('ro')

const isBelow = (path: string, folder: string): boolean =>
  folder === '/' || path === folder || path.startsWith(`${folder}/`)

/** One file system may be mounted many times, whole or in part; its device names it, and for Btrfs its source. */
const identityOf = ({ source, device }: MountLine): string => (source.startsWith('/dev/') ? source : device)

/** The system's own root first, then mounts of a whole file system before those of a folder of it, then the shortest. */
const byMount = (left: MountLine, right: MountLine): number =>
  Number(right.mount === '/') - Number(left.mount === '/') ||
  Number(right.root === '/') - Number(left.root === '/') ||
  left.mount.length - right.mount.length ||
  (left.mount < right.mount ? -1 : 1)

/** Each disk once, at the mount that says most about it. */
export const localMounts = (mountinfo: string): readonly Mount[] => {
  const lines = mountinfo.split('\n').flatMap((line) => lineOf(line) ?? [])
  // What was mounted last over the same path hides what was there before.
  const visible = [...new Map(lines.map((line) => [line.mount, line])).values()]
  const remote = visible.filter(({ type }) => remoteType.test(type))
  const disks = visible
    .filter((line) => (localTypes.has(line.type) || line.type === programType) && !isImage(line))
    .filter((line) => !remote.some((other) => other !== line && isBelow(line.mount, other.mount)))
    .toSorted(byMount)
  const seen = new Set<string>()
  return disks.flatMap((line) => {
    if (seen.has(identityOf(line))) return []
    seen.add(identityOf(line))
    return [{ mount: line.mount, isForeign: line.type === programType }]
  })
}
