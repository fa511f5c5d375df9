import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** One registry per process; `/metrics` serves it. */
export const registry = new Registry();

export const capturesTotal = new Counter({
  name: "briareus_captures_total",
  help: "Captures that left a stage, by outcome and reason",
  labelNames: ["stage", "outcome", "reason"] as const,
  registers: [registry],
});

export const stageSeconds = new Histogram({
  name: "briareus_stage_seconds",
  help: "Time of a batch in a stage",
  labelNames: ["stage"] as const,
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  registers: [registry],
});

export const verdictsTotal = new Counter({
  name: "briareus_verdicts_total",
  help: "Verdicts published, by kind and reason",
  labelNames: ["verdict", "reason"] as const,
  registers: [registry],
});

export const verdictSeconds = new Histogram({
  name: "briareus_verdict_seconds",
  help: "Time from a capture's reception to its verdict",
  buckets: [0.05, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 10, 30, 60],
  registers: [registry],
});

export const heldCaptures = new Gauge({
  name: "briareus_ingress_held_captures",
  help: "Captures whose messages this ingress process holds",
  registers: [registry],
});

export const resubmittedTotal = new Counter({
  name: "briareus_ingress_resubmitted_total",
  help: "Captures submitted again from ingress's memory, by why",
  labelNames: ["why"] as const,
  registers: [registry],
});

export const newerJobsTotal = new Counter({
  name: "briareus_newer_jobs_total",
  help: "Times a worker met a job that only a newer release can read: given-back for one, or failed after a quarter of an hour",
  labelNames: ["stage", "became"] as const,
  registers: [registry],
});

export const reviewIntakeTotal = new Counter({
  name: "briareus_review_intake_total",
  help: "Verdicts that review took in: stored, known (repeated), dropped (context of no open incident), invalid (no verdict), refused (by the database)",
  labelNames: ["outcome"] as const,
  registers: [registry],
});

export const reviewIntakeSeconds = new Histogram({
  name: "briareus_review_intake_seconds",
  help: "Time from a verdict to its commit in review's database: how far intake is behind",
  buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800],
  registers: [registry],
});

export const reviewHeldVerdicts = new Gauge({
  name: "briareus_review_held_verdicts",
  help: "Verdicts whose messages this review process holds",
  registers: [registry],
});

export const reviewOverdueDecisionSeconds = new Gauge({
  name: "briareus_review_overdue_decision_seconds",
  help: "How long the oldest decision that should have left has waited for it; the same from every review process",
  registers: [registry],
});

export const reviewOpenIncidents = new Gauge({
  name: "briareus_review_open_incidents",
  help: "Incidents that are not closed, by severity; the same from every review process",
  labelNames: ["severity"] as const,
  registers: [registry],
});

export const servingReconcilesTotal = new Counter({
  name: "briareus_serving_reconciles_total",
  help: "Times the serving controller looked at a ModelServer: done or failed",
  labelNames: ["outcome"] as const,
  registers: [registry],
});

export const servingReconcileSeconds = new Histogram({
  name: "briareus_serving_reconcile_seconds",
  help: "Time the serving controller took to look at a ModelServer",
  buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30],
  registers: [registry],
});

export const servingQueueDepth = new Gauge({
  name: "briareus_serving_queue_depth",
  help: "ModelServers that wait for the serving controller or that it works on",
  registers: [registry],
});

export const servingLeader = new Gauge({
  name: "briareus_serving_leader",
  help: "1 in the serving controller that leads, 0 in those that wait",
  registers: [registry],
});

export const servingRequestsTotal = new Counter({
  name: "briareus_serving_api_requests_total",
  help: "Requests of the serving controller to the API server, by verb and HTTP status; at rest there are no PATCH, POST and DELETE",
  labelNames: ["verb", "status"] as const,
  registers: [registry],
});

export const poolWantedWorkers = new Gauge({
  name: "briareus_pool_wanted_workers",
  help: "Workers that a pool shall have, by the scaling rule; absent while it cannot be measured",
  labelNames: ["stage"] as const,
  registers: [registry],
});

export const poolWorkers = new Gauge({
  name: "briareus_pool_workers",
  help: "Workers of a pool that say that they live",
  labelNames: ["stage"] as const,
  registers: [registry],
});

export const poolCaptures = new Gauge({
  name: "briareus_pool_captures",
  help: "Captures on a pool's queue: waiting, at work, delayed and kept back",
  labelNames: ["stage"] as const,
  registers: [registry],
});

export const poolOldestSeconds = new Gauge({
  name: "briareus_pool_oldest_seconds",
  help: "How long the oldest capture that could be taken has waited",
  labelNames: ["stage"] as const,
  registers: [registry],
});

export const poolSaturated = new Gauge({
  name: "briareus_pool_saturated",
  help: "1 for a pool at its maximum to which that is not enough",
  labelNames: ["stage"] as const,
  registers: [registry],
});

/** Adds memory, CPU and event loop figures of the process itself. */
export function collectProcessMetrics(role: string): void {
  registry.setDefaultLabels({ role });
  collectDefaultMetrics({ register: registry });
}
