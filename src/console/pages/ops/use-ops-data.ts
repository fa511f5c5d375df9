import { useQuery, useQueryClient } from "@tanstack/preact-query";
import { useEffect } from "preact/hooks";
import {
  readFailures,
  readModels,
  readOpsHistory,
  readOpsState,
  readTuning,
  readTuningLog,
} from "../../api/ops-api.ts";
import { observeServerTime } from "../../api/server-clock.ts";
import { joinHistory, type OpsHour } from "./charts/join-history.ts";

const stateEveryMs = 1_000;
const historyEveryMs = 5_000;
const slowEveryMs = 10_000;
const logEntries = 50;

/** The pipeline as it is, every second while the page is looked at. What failed to come leaves the last one in its place. */
export function useOpsState() {
  return useQuery({
    queryKey: ["ops", "state"],
    queryFn: async () => {
      const askedAtMs = Date.now();
      const state = await readOpsState();
      observeServerTime(state.now, askedAtMs, Date.now());
      return state;
    },
    refetchInterval: stateEveryMs,
    retry: false,
  });
}

/** An hour of samples; only what is new is asked for. */
export function useOpsHistory() {
  const client = useQueryClient();
  const key = ["ops", "history"];
  return useQuery({
    queryKey: key,
    queryFn: async () => {
      const known = client.getQueryData<OpsHour>(key);
      return joinHistory(known, await readOpsHistory(known?.atMs.at(-1) ?? 0));
    },
    refetchInterval: historyEveryMs,
    // A copy is compared with what came before value by value, an hour of it each time, for nothing.
    structuralSharing: false,
    retry: false,
  });
}

/** @param version as the state says it; another one is asked for at once */
export function useTuning(version: number | undefined, trialUntil: string | null | undefined) {
  const client = useQueryClient();
  const tuning = useQuery({ queryKey: ["ops", "tuning"], queryFn: readTuning, refetchInterval: slowEveryMs });
  const log = useQuery({
    queryKey: ["ops", "tuning-log"],
    queryFn: () => readTuningLog(logEntries),
    // The age five minutes after a change comes by itself.
    refetchInterval: slowEveryMs,
  });
  // Asked anew when the state tells of another version or trial.
  useEffect(() => {
    if (version === undefined) return;
    void client.invalidateQueries({ queryKey: ["ops", "tuning"] });
    void client.invalidateQueries({ queryKey: ["ops", "tuning-log"] });
  }, [client, version, trialUntil]);
  return { tuning, log };
}

export const useFailures = () =>
  useQuery({ queryKey: ["ops", "failures"], queryFn: readFailures, refetchInterval: slowEveryMs });

export const useModels = () =>
  useQuery({ queryKey: ["ops", "models"], queryFn: readModels, refetchInterval: slowEveryMs });
