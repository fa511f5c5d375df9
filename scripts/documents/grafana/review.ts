import type { Dashboard } from "./dashboard.ts";
import { perSecond, quantiles, same } from "./promql.ts";

export const reviewDashboard: Dashboard = {
  name: "review",
  title: "Briareus: review and incidents",
  about: "From a flagged verdict to the decision that the platform hears of.",
  rows: [
    {
      title: "Incidents",
      panels: [
        {
          title: "Open, by severity",
          about: "Grows while more come than moderators decide.",
          queries: [{ expr: same("briareus_review_open_incidents", "severity"), legend: "{{severity}}" }],
        },
        {
          title: "Decision overdue",
          about: "How long the oldest decision has waited to leave. Over a minute: runbook “Decisions do not leave”.",
          unit: "s",
          queries: [{ expr: same("briareus_review_overdue_decision_seconds"), legend: "oldest" }],
        },
      ],
    },
    {
      title: "Intake",
      panels: [
        {
          title: "Verdicts taken in, by what became of them",
          about: "Refused: the database did not take it, and it comes again.",
          unit: "cps",
          queries: [{ expr: perSecond("briareus_review_intake_total", "outcome"), legend: "{{outcome}}" }],
        },
        {
          title: "How far intake is behind",
          about: "From the verdict to its commit. Over half a minute: runbook “Review is behind”.",
          unit: "s",
          queries: quantiles("briareus_review_intake_seconds"),
        },
        {
          title: "Verdicts held",
          about: "Their messages wait for the database.",
          queries: [{ expr: "briareus_review_held_verdicts", legend: "{{instance}}" }],
        },
      ],
    },
    {
      title: "Its processes",
      panels: [
        {
          title: "Cores",
          about: "Of a whole one, per process.",
          unit: "percentunit",
          queries: [
            {
              expr: 'rate(process_cpu_seconds_total{job="briareus-review"}[$__rate_interval])',
              legend: "{{instance}}",
            },
          ],
        },
        {
          title: "Memory",
          about: "Resident.",
          unit: "bytes",
          queries: [{ expr: 'process_resident_memory_bytes{job="briareus-review"}', legend: "{{instance}}" }],
        },
        {
          title: "Event loop lag",
          about: "Over a tenth of a second, pages answer slowly.",
          unit: "s",
          queries: [{ expr: 'nodejs_eventloop_lag_p99_seconds{job="briareus-review"}', legend: "{{instance}}" }],
        },
      ],
    },
  ],
};
