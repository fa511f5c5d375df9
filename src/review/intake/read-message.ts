import { Verdict } from "../../capture/verdict.ts";

export type Reading = { verdict: Verdict } | { problem: string };

const problemLength = 300;

/** Reads a message of the verdicts topic; what is no verdict never becomes one. */
export function readMessage(data: Buffer): Reading {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { problem: `${data.length} bytes that are no JSON in UTF-8: ${why}`.slice(0, problemLength) };
  }
  const parsed = Verdict.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { problem: `${issue?.path.join(".") || "the message"}: ${issue?.message}`.slice(0, problemLength) };
  }
  const { review, streamId, findings } = parsed.data;
  if (streamId === null) return { problem: "streamId: missing, so there is no stream to review" };
  if (review === "none") return { problem: "review: none, so it should not have come here" };
  if (review === "flagged" && findings.length === 0) return { problem: "findings: flagged, but for nothing" };
  return { verdict: parsed.data };
}
