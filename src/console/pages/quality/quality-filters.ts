/** What the page of quality shows, as the address says it: `?days=30&policyVersion=14&model=nsfw`. */

export const spans = [1, 7, 30, 90] as const;

export interface QualityFilters {
  /** Whole days up to now. */
  days: (typeof spans)[number];
  policyVersion: string | null;
  model: string | null;
}

const usualDays = 7;

export function parseQualityFilters(query: string): QualityFilters {
  const params = new URLSearchParams(query);
  const days = spans.find((span) => String(span) === params.get("days"));
  return { days: days ?? usualDays, policyVersion: params.get("policyVersion"), model: params.get("model") };
}

export function formatQualityFilters({ days, policyVersion, model }: QualityFilters): string {
  const params = new URLSearchParams();
  if (days !== usualDays) params.set("days", String(days));
  if (policyVersion !== null) params.set("policyVersion", policyVersion);
  if (model !== null) params.set("model", model);
  return params.toString();
}

/** The query for the API. The span begins at a whole minute, so that a page drawn again asks for the same. */
export function qualityRequest({ days, policyVersion, model }: QualityFilters, nowMs: number) {
  const from = Math.floor(nowMs / 60_000) * 60_000 - days * 86_400_000;
  return {
    from: new Date(from).toISOString(),
    policyVersion: policyVersion ?? undefined,
    model: model ?? undefined,
  };
}
