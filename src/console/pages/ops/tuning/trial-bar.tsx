import { useQueryClient } from "@tanstack/preact-query";
import { useEffect, useRef, useState } from "preact/hooks";
import type { OpsTuning } from "../../../../review/contract/ops-tuning.ts";
import { keepTuning, revertTuning } from "../../../api/ops-api.ts";
import { RequestError } from "../../../api/request-error.ts";
import { tickMs } from "../../../api/server-clock.ts";
import { Countdown } from "../../../components/clocks.tsx";
import { announce } from "../../../shell/announce.tsx";
import { opsTuningText } from "../../../strings/ops-tuning.en.ts";
import { shellText } from "../../../strings/shell.en.ts";

const { trial: text } = opsTuningText;

/** A trial under way: how long it still runs, and the two ways to end it. The server ends it, whatever this page does. */
export function TrialBar({ tuning, until, readOnly }: { tuning: OpsTuning; until: string; readOnly: boolean }) {
  const client = useQueryClient();
  const [why, setWhy] = useState("");
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const untilMs = Date.parse(until);
  useTimeSpoken(untilMs);
  const end = (act: typeof keepTuning, otherwise: string) => async () => {
    if (sending) return;
    setSending(true);
    try {
      client.setQueryData(["ops", "tuning"], await act({ version: tuning.version, why: why.trim() || otherwise }));
      announce(otherwise);
    } catch (error) {
      setProblem(error instanceof RequestError ? error.message : shellText.unexpected);
    } finally {
      setSending(false);
      void client.invalidateQueries({ queryKey: ["ops"] });
    }
  };
  return (
    <section class="stack tuning-trial" aria-label={text.title}>
      <p>
        <TimeLeft version={tuning.version} untilMs={untilMs} />
      </p>
      {!readOnly && (
        <>
          <label class="above small">
            {text.reason}
            <input
              maxLength={500}
              autocomplete="off"
              value={why}
              onInput={(event) => setWhy(event.currentTarget.value)}
            />
          </label>
          <div class="row">
            <button type="button" class="primary" aria-disabled={sending} onClick={end(keepTuning, text.kept)}>
              {text.keep}
            </button>
            <button type="button" aria-disabled={sending} onClick={end(revertTuning, text.reverted)}>
              {text.revert}
            </button>
          </div>
        </>
      )}
      {problem && (
        <p class="small" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}

function TimeLeft({ version, untilMs }: { version: number; untilMs: number }) {
  if (tickMs.value >= untilMs) return <>{text.over}</>;
  return (
    <>
      {text.left(version)}
      <strong>
        <Countdown until={untilMs} />
      </strong>
    </>
  );
}

const spokenAtMs = [60_000, 30_000, 10_000] as const;

/** The time that is left, said at a few moments and not every second. */
function useTimeSpoken(untilMs: number): void {
  const leftMs = untilMs - tickMs.value;
  const passed = spokenAtMs.filter((ms) => leftMs <= ms).length;
  const before = useRef(passed);
  useEffect(() => {
    const at = spokenAtMs[passed - 1];
    if (passed > before.current && at !== undefined) announce(text.announced(at));
    before.current = passed;
  }, [passed]);
}
