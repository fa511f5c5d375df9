import type { Dashboard } from "./dashboard.ts";
import { perSecond, quantiles, same } from "./promql.ts";

const ofStage = '{stage="$stage"}';
/** The label that the chart's PodMonitor and docs/operate.md give each pool's processes. */
const ofJob = '{job="briareus-$stage"}';

export const poolDashboard: Dashboard = {
  name: "pool",
  title: "Briareus: a pool",
  about: "One pool: what it has to do, with how many workers, and what each of them uses.",
  variables: [{ name: "stage", label: "Stage", query: "label_values(briareus_stage_seconds_count, stage)" }],
  rows: [
    {
      title: "What it has to do",
      panels: [
        {
          title: "Captures by outcome",
          about: "Those that went on, came again, or were rejected.",
          unit: "cps",
          queries: [{ expr: perSecond(`briareus_captures_total${ofStage}`, "outcome"), legend: "{{outcome}}" }],
        },
        {
          title: "On its queue",
          about: "Waiting, at work, delayed and kept back.",
          queries: [{ expr: same(`briareus_pool_captures${ofStage}`), legend: "captures" }],
        },
        {
          title: "Oldest that could be taken",
          about: "Over the goal (3 s unless tuned) the pool doubles.",
          unit: "s",
          queries: [{ expr: same(`briareus_pool_oldest_seconds${ofStage}`), legend: "oldest" }],
        },
      ],
    },
    {
      title: "With what",
      panels: [
        {
          title: "Workers",
          about: "Wanted by the scaling rule, and those that say that they live.",
          queries: [
            { expr: same(`briareus_pool_wanted_workers${ofStage}`), legend: "wanted" },
            { expr: same(`briareus_pool_workers${ofStage}`), legend: "there" },
          ],
        },
        {
          title: "Time of a batch",
          about: "What grows here grows the pool: the rule reckons with it.",
          unit: "s",
          queries: quantiles("briareus_stage_seconds", ofStage),
        },
        {
          title: "Not done, by reason",
          about: "docs/reason-codes.md says what each means.",
          unit: "cps",
          queries: [
            {
              expr: perSecond('briareus_captures_total{stage="$stage",outcome!="done"}', "outcome, reason"),
              legend: "{{outcome}}: {{reason}}",
            },
          ],
        },
      ],
    },
    {
      title: "Its processes",
      panels: [
        {
          title: "Cores",
          about: "Of a whole one, per process. Workers of preprocess may use theirs up; others should not.",
          unit: "percentunit",
          queries: [{ expr: `rate(process_cpu_seconds_total${ofJob}[$__rate_interval])`, legend: "{{instance}}" }],
        },
        {
          title: "Memory",
          about: "Resident.",
          unit: "bytes",
          queries: [{ expr: `process_resident_memory_bytes${ofJob}`, legend: "{{instance}}" }],
        },
        {
          title: "Event loop lag",
          about: "Over a second, locks are renewed late, and batches are taken for those of a dead worker.",
          unit: "s",
          queries: [{ expr: `nodejs_eventloop_lag_p99_seconds${ofJob}`, legend: "{{instance}}" }],
        },
      ],
    },
  ],
};
