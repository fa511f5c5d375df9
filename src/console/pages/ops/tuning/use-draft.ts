import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/preact-query";
import { useEffect, useState } from "preact/hooks";
import type { OpsStage } from "../../../../review/contract/ops.ts";
import type { OpsTuning } from "../../../../review/contract/ops-tuning.ts";
import { changeTuning, previewTuning } from "../../../api/ops-api.ts";
import { RequestError } from "../../../api/request-error.ts";
import { announce } from "../../../shell/announce.tsx";
import { opsTuningText as text } from "../../../strings/ops-tuning.en.ts";
import { shellText } from "../../../strings/shell.en.ts";
import { changesOf, type DraftField, isSound, onto, requestOf, type TuningDraft, typedInto } from "./draft.ts";

const trialMs = 300_000;

/** The draft, why it cannot be sent as it stands, and the ways to go on with it. */
export function useDraft(tuning: OpsTuning, old: boolean) {
  const client = useQueryClient();
  const [draft, setDraft] = useState<TuningDraft | null>(null);
  const [why, setWhy] = useState("");
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const stale = draft !== null && draft.version !== tuning.version;
  const obstacle = obstacleOf({ tuning, draft, why, old, stale });
  const discard = () => {
    setDraft(null);
    setWhy("");
    setProblem(null);
  };
  const send = async (tryMs?: number) => {
    if (draft === null || obstacle !== null || sending) return;
    setSending(true);
    try {
      const now = await changeTuning({ ...requestOf(draft), why: why.trim(), tryMs });
      client.setQueryData(["ops", "tuning"], now);
      announce(tryMs === undefined ? text.applied(now.version) : text.tried(now.version));
      discard();
    } catch (error) {
      setProblem(error instanceof RequestError ? error.message : shellText.unexpected);
    } finally {
      setSending(false);
      void client.invalidateQueries({ queryKey: ["ops"] });
    }
  };
  return {
    draft,
    why,
    setWhy,
    sending,
    problem,
    stale,
    obstacle,
    type: (stage: OpsStage, field: DraftField, typed: string) => {
      setProblem(null);
      setDraft(typedInto(draft, tuning, { stage, field, text: typed }));
    },
    rebase: () => draft && setDraft(onto(draft, tuning)),
    discard,
    apply: () => send(),
    try: () => send(trialMs),
  };
}

export type Drafting = ReturnType<typeof useDraft>;

interface Ground {
  tuning: OpsTuning;
  draft: TuningDraft | null;
  why: string;
  old: boolean;
  stale: boolean;
}

function obstacleOf({ tuning, draft, why, old, stale }: Ground): string | null {
  if (draft === null) return text.nothingDrafted;
  if (old) return text.oldData;
  if (stale) return text.resolveFirst;
  if (tuning.trial) return text.trialRuns;
  if (!isSound(tuning, draft)) return text.notReady;
  return why.trim() === "" ? text.reasonNeeded : null;
}

const settleMs = 300;

/** What the draft would do, by the rule that scales: asked when typing rests, and again as the load changes. */
export function useEffectOf(tuning: OpsTuning, draft: TuningDraft | null) {
  const ready =
    draft !== null && draft.version === tuning.version && isSound(tuning, draft) && changesOf(draft).length > 0;
  const body = ready ? JSON.stringify(requestOf(draft)) : null;
  const settled = useSettled(body);
  const preview = useQuery({
    // Not among those that are asked anew when a version came: it would ask of the old one.
    queryKey: ["ops-preview", settled],
    queryFn: ({ signal }) => previewTuning(JSON.parse(settled ?? "{}"), signal),
    enabled: settled !== null && settled === body,
    placeholderData: keepPreviousData,
    gcTime: 0,
    refetchInterval: 5_000,
    retry: false,
  });
  return ready ? preview : null;
}

function useSettled<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), settleMs);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
