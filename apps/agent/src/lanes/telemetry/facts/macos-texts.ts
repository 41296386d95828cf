// What the programs of macOS print, taken apart. Pure.
// Running vm_stat, sw_vers, mount, ifconfig, ps and ioreg is macos.ts.
import type { NetworkInterface } from './facts.ts'
import { macOf } from './shape.ts'

const reclaimable = ['free', 'inactive', 'speculative', 'purgeable']

/** `vm_stat`: the bytes that programs could have, in pages of the size it names. */
export const availableBytesIn = (vmStat: string): number => {
  const pageBytes = Number(/page size of (\d+) bytes/.exec(vmStat)?.[1])
  const pages = reclaimable.map((name) => Number(new RegExp(`^Pages ${name}: +(\\d+)\\.`, 'm').exec(vmStat)?.[1] ?? 0))
  if (!(pageBytes > 0)) throw new Error('vm_stat names no page size')
  return pageBytes * pages.reduce((sum, count) => sum + count, 0)
}

/** `sw_vers`: `15.5 (24F74)`; a rapid security response, such as `(a)`, is part of the version. */
export const osVersionIn = (swVers: string): string => {
  const value = (key: string): string | undefined => new RegExp(`^${key}:\\s*(.+)$`, 'm').exec(swVers)?.[1]?.trim()
  const [version, extra, build] = ['ProductVersion', 'ProductVersionExtra', 'BuildVersion'].map(value)
  if (version === undefined) throw new Error('sw_vers names no version')
  return [version, ...(extra ? [extra] : []), ...(build ? [`(${build})`] : [])].join(' ')
}

const diskTypes: ReadonlySet<string> = new Set(['apfs', 'hfs', 'msdos', 'exfat', 'ntfs', 'ufs'])

/** All volumes of one APFS container share its space, so `disk3s1s1` and `disk3s5` are one disk. */
const containerOf = (source: string, type: string): string =>
  type === 'apfs' ? source.replace(/^(\/dev\/disk\d+).*$/, '$1') : source

/** `mount`: the disks of this machine, each once; what is hidden from people, and read-only images, are no disks. */
export const localMountsIn = (mount: string): readonly string[] => {
  const seen = new Set<string>()
  return mount
    .split('\n')
    .flatMap((line) => {
      const [, source = '', path = '', said = ''] = /^(\S+) on (.+) \(([^()]*)\)$/.exec(line) ?? []
      const [type = '', ...flags] = said.split(', ')
      const isDisk = diskTypes.has(type) && flags.includes('local')
      const isShown = path === '/' || !(flags.includes('nobrowse') || flags.includes('read-only'))
      return isDisk && isShown ? [{ path, container: containerOf(source, type) }] : []
    })
    .toSorted((left, right) => left.path.length - right.path.length)
    .flatMap(({ path, container }) => {
      if (seen.has(container)) return []
      seen.add(container)
      return [path]
    })
}

/** `ifconfig -a`: all that are up, with and without addresses, and without the loopback. */
export const interfacesIn = (ifconfig: string): readonly NetworkInterface[] =>
  ifconfig.split(/^(?=\S)/m).flatMap((block) => {
    const [, name, said = ''] = /^([^\s:]+): flags=[0-9a-f]+<([^>]*)>/.exec(block) ?? []
    const flags = said.split(',')
    if (name === undefined || !flags.includes('UP') || flags.includes('LOOPBACK')) return []
    return [
      {
        name,
        mac_address: macOf(/^\s+ether (\S+)/m.exec(block)?.[1]),
        ip_addresses: [...block.matchAll(/^\s+inet6? (\S+)/gm)].map(([, address = '']) => address),
      },
    ]
  })

/** `ps -axo pid=`: one line for each process. */
export const processCountIn = (ps: string): number => ps.split('\n').filter((line) => line.trim() !== '').length

/** A property of `ioreg -rd1 -c IOPlatformExpertDevice`, such as `IOPlatformUUID`. */
export const platformPropertyIn = (ioreg: string, name: string): string | null =>
  new RegExp(`"${name}" = "([^"]*)"`).exec(ioreg)?.[1] ?? null
