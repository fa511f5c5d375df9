import type { Dashboard } from "./dashboard.ts";
import { perSecond, quantile, quantiles, same } from "./promql.ts";

export const pipelineDashboard: Dashboard = {
  name: "pipeline",
  title: "Briareus: pipeline",
  about: "Captures in, verdicts out: whether it keeps up, and which pool does not.",
  rows: [
    {
      title: "Does it keep up?",
      panels: [
        {
          title: "Verdicts",
          about: "All kinds together.",
          kind: "stat",
          unit: "cps",
          queries: [{ expr: perSecond("briareus_verdicts_total"), legend: "" }],
        },
        {
          title: "Slowest verdict in a hundred",
          about: "From a capture's reception to its verdict.",
          kind: "stat",
          unit: "s",
          queries: [{ expr: quantile(0.99, "briareus_verdict_seconds"), legend: "" }],
        },
        {
          title: "Expired unseen",
          about: "More than none: runbook “Captures expire”.",
          kind: "stat",
          unit: "cps",
          queries: [{ expr: `${perSecond('briareus_verdicts_total{verdict="expired"}')} or vector(0)`, legend: "" }],
        },
        {
          title: "Held by ingress",
          about: "Captures whose messages wait for their verdict.",
          kind: "stat",
          queries: [{ expr: "sum(briareus_ingress_held_captures)", legend: "" }],
        },
      ],
    },
    {
      title: "Verdicts",
      panels: [
        {
          title: "Verdicts by kind",
          about: "The rate of flagged ones is what review has to bear.",
          unit: "cps",
          queries: [{ expr: perSecond("briareus_verdicts_total", "verdict"), legend: "{{verdict}}" }],
        },
        {
          title: "Time to the verdict",
          about: "Rises first in the pool whose oldest capture waits longest.",
          unit: "s",
          queries: quantiles("briareus_verdict_seconds"),
        },
        {
          title: "Verdicts without scores, by reason",
          about: "docs/reason-codes.md says what each means.",
          unit: "cps",
          queries: [
            {
              expr: perSecond('briareus_verdicts_total{verdict=~"unprocessable|expired"}', "reason"),
              legend: "{{reason}}",
            },
          ],
        },
      ],
    },
    {
      title: "Pools",
      panels: [
        {
          title: "Done by stage",
          about: "Where one line lies below the one before it, captures gather.",
          unit: "cps",
          queries: [{ expr: perSecond('briareus_captures_total{outcome="done"}', "stage"), legend: "{{stage}}" }],
        },
        {
          title: "On the queues",
          about: "Waiting, at work, delayed and kept back; from the autoscaler.",
          queries: [{ expr: same("briareus_pool_captures", "stage"), legend: "{{stage}}" }],
        },
        {
          title: "Oldest that could be taken",
          about: "Over the goal (3 s unless tuned) the pool doubles.",
          unit: "s",
          queries: [{ expr: same("briareus_pool_oldest_seconds", "stage"), legend: "{{stage}}" }],
        },
      ],
    },
    {
      title: "Workers",
      panels: [
        {
          title: "Workers that live",
          about: "As they say themselves, once a second.",
          queries: [{ expr: same("briareus_pool_workers", "stage"), legend: "{{stage}}" }],
        },
        {
          title: "Workers that are missing",
          about: "Wanted by the scaling rule and not there: they start, or the cluster has no room.",
          queries: [
            {
              expr: `${same("briareus_pool_wanted_workers", "stage")} - ${same("briareus_pool_workers", "stage")}`,
              legend: "{{stage}}",
            },
          ],
        },
        {
          title: "Saturated",
          about: "1: at its maximum, and that is not enough. Runbook “A pool is saturated”.",
          queries: [{ expr: same("briareus_pool_saturated", "stage"), legend: "{{stage}}" }],
        },
      ],
    },
    {
      title: "Out of the ordinary",
      panels: [
        {
          title: "Tried again, by reason",
          about: "Retries are work too: they take slots of the pool.",
          unit: "cps",
          queries: [
            {
              expr: perSecond('briareus_captures_total{outcome="retry"}', "stage, reason"),
              legend: "{{stage}}: {{reason}}",
            },
          ],
        },
        {
          title: "Submitted again by ingress",
          about: "Redis lost jobs, or captures hang in a stage.",
          unit: "cps",
          queries: [{ expr: perSecond("briareus_ingress_resubmitted_total", "why"), legend: "{{why}}" }],
        },
        {
          title: "Jobs of a newer release",
          about: "Some during an upgrade; later, runbook “Jobs of a newer release”.",
          unit: "cps",
          queries: [{ expr: perSecond("briareus_newer_jobs_total", "stage, became"), legend: "{{stage}}: {{became}}" }],
        },
      ],
    },
  ],
};
