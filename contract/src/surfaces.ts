// The surfaces that are known by name: those of the published agent and those that only ours looks at.
// A server takes any surface; a name here is what collectors, searches and rules agree on.

/** What Muster's own agent finds beyond the protocol's surfaces; it says so by its sensorVersion (sensor-protocol 18.4). */
export const MUSTER_SURFACES = [
  'debianPackages',
  'rpmPackages',
  'goModules',
  'cargoPackages',
  'vscodeExtensions',
  'npmGlobalPackages',
  'claudeDesktopConfig',
] as const
export type MusterSurface = (typeof MUSTER_SURFACES)[number]

/** Where a version is part of what an item is, so that two versions of one package are two items (sensor-protocol 8.3). */
export const VERSIONED_SURFACES: ReadonlySet<string> = new Set([
  'javascriptPackages',
  'pythonPackages',
  'rpmPackages',
  'goModules',
  'cargoPackages',
])
