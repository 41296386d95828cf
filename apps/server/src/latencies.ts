// How long requests took, counted in places of its own: the library looks its series up by their labels each time.
// It is read as any other metric of the registry; what is measured, and under which labels, is metrics.ts.
import type { Metric, MetricObjectWithValues, MetricValueWithName, Registry } from 'prom-client'

export interface Latencies<Label extends string> {
  /** One series; look it up once and keep it. */
  of(labels: Readonly<Record<Label, string>>): Series
}

export interface Series {
  observe(seconds: number): void
}

export interface LatenciesPlan {
  readonly name: string
  readonly help: string
  /** Upper bounds in seconds, rising. */
  readonly buckets: readonly number[]
}

class Counted implements Series {
  readonly #buckets: readonly number[]
  /** How many came into each bucket, and last those that were too slow for all of them. */
  readonly counts: number[]
  sum = 0

  constructor(buckets: readonly number[]) {
    this.#buckets = buckets
    this.counts = Array.from({ length: buckets.length + 1 }, () => 0)
  }

  observe(seconds: number): void {
    let at = 0
    while (at < this.#buckets.length && seconds > (this.#buckets[at] as number)) at += 1
    this.counts[at] = (this.counts[at] as number) + 1
    this.sum += seconds
  }
}

type Labels = Readonly<Record<string, string>>
type Value = MetricValueWithName<string>

const valuesOf = ({ name, buckets }: LatenciesPlan, labels: Labels, { counts, sum }: Counted): readonly Value[] => {
  let count = 0
  const bounds = [...buckets, '+Inf']
  const inBuckets = counts.map((more, at): Value => {
    count += more
    return { metricName: `${name}_bucket`, labels: { le: bounds[at] ?? '', ...labels }, value: count }
  })
  return [
    ...inBuckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ]
}

export const createLatencies = <Label extends string>(registry: Registry, plan: LatenciesPlan): Latencies<Label> => {
  const all: { readonly labels: Labels; readonly counted: Counted }[] = []
  const metric = {
    name: plan.name,
    get: async () => ({
      name: plan.name,
      help: plan.help,
      type: 'histogram' as unknown as MetricObjectWithValues<Value>['type'],
      aggregator: 'sum' as const,
      values: all.flatMap(({ labels, counted }) => valuesOf(plan, labels, counted)),
    }),
  }
  // The registry asks a metric for its name and its values, and for no more than that.
  registry.registerMetric(metric as unknown as Metric)
  return {
    of(labels) {
      const counted = new Counted(plan.buckets)
      all.push({ labels, counted })
      return counted
    },
  }
}
