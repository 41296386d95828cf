// Where each operating system keeps what tells one computer from another (telemetry 7.2).
// Which source is taken is decide.ts; read once, when a device enrols.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { FingerprintSource } from '@muster/contract/device'
import { addressedInterfaces } from '../facts/addresses.ts'
import type { OsFamily } from '../facts/facts.ts'
import { interfacesIn, platformPropertyIn } from '../facts/macos-texts.ts'
import { runTool } from '../facts/run-tool.ts'
import { macOf } from '../facts/shape.ts'
import { queryRegistry, systemProgram } from '../facts/windows.ts'
import { registryValueIn } from '../facts/windows-texts.ts'
import { macIdentifier } from './decide.ts'

type Read = (signal: AbortSignal) => string | null | Promise<string | null>
type Sources = Partial<Record<FingerprintSource, Read>>

const textOf = (path: string): string => readFileSync(path, 'utf8')

const interfaces = '/sys/class/net'
const isPermanent = '0'

/** Of hardware, with the address it came with. */
const linuxMacs = (): readonly (string | null)[] =>
  readdirSync(interfaces)
    .filter((name) => existsSync(`${interfaces}/${name}/device`))
    .filter((name) => textOf(`${interfaces}/${name}/addr_assign_type`).trim() === isPermanent)
    .map((name) => macOf(textOf(`${interfaces}/${name}/address`)))

const machineIds = ['/etc/machine-id', '/var/lib/dbus/machine-id']

const linux: Sources = {
  smbios_uuid: () => textOf('/sys/class/dmi/id/product_uuid'),
  serial_number: () => textOf('/sys/class/dmi/id/product_serial'),
  machine_id: () => machineIds.filter((path) => existsSync(path)).map(textOf)[0] ?? null,
  mac_fallback: () => macIdentifier(linuxMacs()),
}

const platformProperty =
  (name: string): Read =>
  async (signal) =>
    platformPropertyIn(await runTool('/usr/sbin/ioreg', ['-rd1', '-c', 'IOPlatformExpertDevice'], signal), name)

const macos: Sources = {
  platform_uuid: platformProperty('IOPlatformUUID'),
  serial_number: platformProperty('IOPlatformSerialNumber'),
  mac_fallback: async (signal) =>
    macIdentifier(
      interfacesIn(await runTool('/sbin/ifconfig', ['-a'], signal))
        .filter(({ name }) => /^en\d+$/.test(name))
        .map(({ mac_address: mac }) => mac),
    ),
}

/** One property of the firmware; the words are fixed, nothing is put into them but these two names. */
const firmware =
  (className: 'Win32_ComputerSystemProduct' | 'Win32_BIOS', property: 'UUID' | 'SerialNumber'): Read =>
  (signal) =>
    runTool(
      systemProgram('WindowsPowerShell', 'v1.0', 'powershell.exe'),
      ['-NoProfile', '-NonInteractive', '-Command', `(Get-CimInstance ${className}).${property}`],
      signal,
    )

const windows: Sources = {
  smbios_uuid: firmware('Win32_ComputerSystemProduct', 'UUID'),
  serial_number: firmware('Win32_BIOS', 'SerialNumber'),
  machine_id: async (signal) =>
    registryValueIn(await queryRegistry(String.raw`HKLM\SOFTWARE\Microsoft\Cryptography`, signal), 'MachineGuid'),
  mac_fallback: () => macIdentifier(addressedInterfaces().map(({ mac_address: mac }) => mac)),
}

const all: Record<OsFamily, Sources> = { linux, macos, windows }

export const sourcesOf = (osFamily: OsFamily): Sources => all[osFamily]
