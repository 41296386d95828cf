// `muster-agent inventory`: what was found on this machine at the last scans, whether it is told to a server or not.
// What is here now, kept or not, is scan.ts.
import { createInventoryStore } from '../lanes/observe/inventory/store.ts'
import type { CommandContext } from './context.ts'
import { list } from './list.ts'

export const inventory = async (context: CommandContext): Promise<void> =>
  list(context, {
    name: 'items',
    usually: 200,
    read(db, limit, wanted) {
      const store = createInventoryStore(db)
      return { total: store.countItems(wanted), entries: store.items(limit, wanted) }
    },
    linesOf: ({ surface, kind, name, version, path }) => [`${surface} ${kind} ${name} ${version ?? ''}  ${path}`],
  })
