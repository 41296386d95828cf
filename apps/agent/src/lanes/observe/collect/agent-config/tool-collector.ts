// The frame of every surface that reads a coding tool's configuration: admit the roots, gather, one snapshot.
// What a surface gathers, and where, is its own.
import type { Collector, Interest } from '../snapshot.ts'
import { type ConfigGathering, createConfigGathering } from './config-gathering.ts'
import { admitProjectRoots, type ProjectRoots } from './project-roots.ts'
import type { ProjectScope } from './tool-order.ts'

export interface ToolSurface<Order extends ProjectScope> {
  readonly surface: string
  readonly interests: (order: Order) => readonly Interest[]
  readonly gather: (gathering: ConfigGathering, order: Order, roots: ProjectRoots) => Promise<void>
}

/** `order` is asked anew for every scan, because a policy can change it between two. */
export const createToolCollector = <Order extends ProjectScope>(
  { surface, interests, gather }: ToolSurface<Order>,
  order: () => Order,
): Collector => ({
  surface,
  interests: () => interests(order()),
  async collect(signal) {
    const now = order()
    const gathering = createConfigGathering(surface, signal)
    const roots = await admitProjectRoots(now.roots, now.scanRoots, gathering)
    await gather(gathering, now, roots)
    return gathering.snapshot()
  },
})
