// Modules of Node, loaded from what Node's makers compiled beforehand.
// Which flags of the engine this program sets is frugal.ts; the bundle fetches every module of Node through here.

/** Fetched this way, since an import of it would lead here. */
const { setFlagsFromString } = process.getBuiltinModule('node:v8')

// Who asked for the collector at the start has it by now. Were that flag still set, Node's modules would be compiled anew.
if ('gc' in globalThis) setFlagsFromString('--no-expose-gc')

/** What this program has set, and what puts it back. */
const ours = new Map<string, string>()

/** A flag of the engine that holds while no module of Node is being loaded. */
export const setFlag = (flag: string, opposite: string): void => {
  ours.set(flag, opposite)
  setFlagsFromString(flag)
}

/**
 * The engine takes what was compiled beforehand only while its flags are those it was compiled with, and otherwise
 * compiles anew: a third of a start. Setting a flag takes a microsecond.
 */
export const asNodeWasMade = <T>(load: () => T): T => {
  for (const opposite of ours.values()) setFlagsFromString(opposite)
  try {
    return load()
  } finally {
    for (const flag of ours.keys()) setFlagsFromString(flag)
  }
}

export const moduleOfNode = (name: string): unknown => asNodeWasMade(() => process.getBuiltinModule(name))
