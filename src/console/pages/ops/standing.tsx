import { useEffect, useRef } from "preact/hooks";
import type { OpsState } from "../../../review/contract/ops.ts";
import { tickMs } from "../../api/server-clock.ts";
import { announce } from "../../shell/announce.tsx";
import { opsText } from "../../strings/ops.en.ts";
import { Levelled } from "./level-mark.tsx";
import { ageOf } from "./levels.ts";
import { useAgeLevel } from "./use-now.ts";

/** The first thing to read: the worst pool, its number, for how long, what is being done, what has expired. */
export function Standing({ state }: { state: OpsState }) {
  const { text, level, stage } = state.sentence;
  const old = useAgeLevel(state) === "breach";
  useChangesSpoken(text, `${level} ${stage}`);
  return (
    <div class="ops-standing" data-level={old ? "normal" : level} data-old={old}>
      <p class="ops-sentence">
        <Levelled level={level}>{text}</Levelled>
      </p>
      <p class="small ops-age">
        <Age state={state} />
      </p>
      {old && (
        <p class="ops-old" role="alert">
          <span aria-hidden="true">▨</span> {state.data.level === "breach" ? opsText.oldToo : opsText.old}
        </p>
      )}
    </div>
  );
}

function Age({ state }: { state: OpsState }) {
  const { ageMs, level } = ageOf(state, tickMs.value);
  if (level === "breach")
    return (
      <strong>
        <span aria-hidden="true">▨</span> {opsText.age(ageMs)}
      </strong>
    );
  return (
    <Levelled level={level}>
      <span class={level === "normal" ? "muted" : undefined}>{opsText.age(ageMs)}</span>
    </Levelled>
  );
}

/** Spoken when it is about something else than before; its numbers change every second. */
function useChangesSpoken(text: string, about: string): void {
  const spoken = useRef(about);
  useEffect(() => {
    if (spoken.current === about) return;
    spoken.current = about;
    announce(text);
  }, [about, text]);
}
