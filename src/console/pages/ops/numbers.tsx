import type { ComponentChildren } from "preact";
import type { Measured, OpsPool } from "../../../review/contract/ops.ts";
import { DataTable } from "../../components/data-table.tsx";
import { opsText } from "../../strings/ops.en.ts";
import { Levelled } from "./level-mark.tsx";

const { numbers } = opsText;

/** Every number of every pool, each at its level. */
export function Numbers({ pools }: { pools: readonly OpsPool[] }) {
  return (
    <section class="stack ops-numbers" aria-label={numbers.title}>
      <DataTable
        label={numbers.title}
        columns={[
          { name: numbers.pool },
          { name: numbers.oldest, number: true },
          { name: numbers.depth, number: true },
          { name: numbers.inFlight, number: true },
          { name: numbers.drain, number: true },
          { name: numbers.in, number: true },
          { name: numbers.out, number: true },
          { name: numbers.service, number: true },
          { name: numbers.waiting, number: true },
          { name: numbers.busy, number: true },
          { name: numbers.replicas, number: true },
          { name: numbers.between, number: true },
          { name: numbers.holding },
          { name: numbers.versions },
        ]}
        rows={pools.map((pool) => ({ key: pool.stage, cells: cellsOf(pool) }))}
      />
    </section>
  );
}

function cellsOf(pool: OpsPool): ComponentChildren[] {
  const { oldestAgeMs, goalMs, drainMs, serviceMs, replicas, paused, versions } = pool;
  return [
    opsText.stage[pool.stage],
    measured(oldestAgeMs, (ms) => numbers.ofGoal(opsText.seconds(ms), opsText.goal(goalMs))),
    opsText.number(pool.depth),
    opsText.number(pool.inFlight),
    measured(drainMs, opsText.seconds, pool.depth > 0 ? numbers.never : opsText.unknown),
    pool.inPerSecond === null ? opsText.unknown : opsText.rate(pool.inPerSecond),
    measured(pool.outPerSecond, opsText.rate),
    <Levelled key="service" level={serviceMs.level} forMs={serviceMs.forMs}>
      {words(serviceMs.p50, opsText.millis)}, {words(serviceMs.p95, opsText.millis)}
    </Levelled>,
    words(pool.waitingP95Ms, opsText.seconds),
    measured(pool.busy, opsText.percent),
    <Levelled key="replicas" level={replicas.level} forMs={replicas.forMs}>
      {replicasInWords(replicas)}
    </Levelled>,
    replicas.min === null || replicas.max === null ? opsText.unknown : `${replicas.min}–${replicas.max}`,
    paused ? opsText.holding.paused : opsText.holding[replicas.holding],
    versions.map(({ version, processes }) => numbers.version(version, processes)).join(", ") || opsText.unknown,
  ];
}

function replicasInWords({ running, wanted, starting, draining }: OpsPool["replicas"]): string {
  return [
    wanted === null ? String(running) : `${running} of ${wanted}`,
    ...(starting > 0 ? [numbers.starting(starting)] : []),
    ...(draining > 0 ? [numbers.draining(draining)] : []),
  ].join(", ");
}

const measured = ({ value, level, forMs }: Measured, say: (value: number) => string, unknown?: string) => (
  <Levelled level={level} forMs={forMs}>
    {words(value, say, unknown)}
  </Levelled>
);

const words = (value: number | null, say: (value: number) => string, unknown: string = opsText.unknown) =>
  value === null ? unknown : say(value);
