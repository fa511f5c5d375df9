/** Captures on their way, as tests need them. */
import type { InFlight } from "../src/capture/item.ts";

export const receivedAtMs = Date.parse("2026-03-01T12:00:00Z");

export function inFlight(captureId: string, facts: Partial<Omit<InFlight, "capture">> = {}): InFlight {
  return {
    capture: {
      schemaVersion: 1,
      captureId,
      streamId: "stream-1",
      capturedAt: new Date(receivedAtMs).toISOString(),
      imageUri: `https://pictures.example/${captureId}.jpg`,
      attributes: { title: "A walk" },
    },
    ingressId: "ingress-1",
    deadlineAtMs: receivedAtMs + 60_000,
    attempt: 0,
    times: { receivedAtMs },
    ...facts,
  };
}
