// Whether a folder lies on a file system that a scan must stay away from: the kernel's own and those of other machines.
// The walk asks only where it crosses from one device to another.
import { statfs } from 'node:fs/promises'

/** Linux's magic numbers (statfs(2)) of file systems that are not a local disk's. */
const foreignTypes: ReadonlySet<bigint> = new Set([
  0x9fa0n, // proc
  0x62656572n, // sysfs
  0x64626720n, // debugfs
  0x74726163n, // tracefs
  0x63677270n, // cgroup2
  0x27e0ebn, // cgroup
  0x1cd1n, // devpts
  0x6969n, // NFS
  0x517bn, // SMB
  0xff534d42n, // CIFS
  0xfe534d42n, // SMB2
  0x73757245n, // Coda
  0x5346414fn, // AFS
  0xc36400n, // Ceph
  0x01161970n, // GFS2
  0x65735546n, // FUSE, which is how sshfs and cloud drives look
])

/** macOS and Windows number their file systems per boot, so there only Linux's list helps: elsewhere nothing is foreign. */
export const isForeignFileSystem = async (path: string): Promise<boolean> =>
  process.platform === 'linux' && foreignTypes.has(BigInt.asUintN(32, (await statfs(path, { bigint: true })).type))
