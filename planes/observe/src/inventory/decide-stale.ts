// When a version of a package may be gone although nobody said so: a known defect of agents (sensor-protocol 16.2).
// It marks, it never removes.

/** Surfaces where the version is part of an item's identity, so that several versions stand side by side. */
export const versionedSurfaces: ReadonlySet<string> = new Set(['javascriptPackages', 'pythonPackages'])

/** A sibling of the same path and name was confirmed later, and this one was not. */
export const decideStale = (confirmedMs: number, newestSiblingMs: number | undefined): boolean =>
  newestSiblingMs !== undefined && confirmedMs < newestSiblingMs
