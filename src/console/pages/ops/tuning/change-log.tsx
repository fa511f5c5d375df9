import type { UseQueryResult } from "@tanstack/preact-query";
import { useQueryClient } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { z } from "zod";
import type { OpsTuning, TuningLog, TuningLogEntry } from "../../../../review/contract/ops-tuning.ts";
import { restoreTuning } from "../../../api/ops-api.ts";
import { serverNow } from "../../../api/server-clock.ts";
import { Failed, Outlines } from "../../../components/panel-states.tsx";
import { PlainName } from "../../../components/plain-name.tsx";
import { formatDateTime, formatTime } from "../../../strings/format.en.ts";
import { opsTuningText } from "../../../strings/ops-tuning.en.ts";
import { useNarrow } from "../use-narrow.ts";
import { ReasonDialog } from "./reason-dialog.tsx";

const dayMs = 86_400_000;
const { log: text, ageOf, version } = opsTuningText;

interface Props {
  log: Pick<UseQueryResult<z.infer<typeof TuningLog>>, "data" | "error" | "refetch">;
  tuning: OpsTuning;
  old: boolean;
}

/** Who changed what and why, what it did to the oldest age, and the way back to an older version. */
export function ChangeLog({ log: { data, error, refetch }, tuning, old }: Props) {
  const [restoring, setRestoring] = useState<TuningLogEntry | null>(null);
  const narrow = useNarrow();
  return (
    <section class="card stack" aria-labelledby="ops-changes">
      <h2 id="ops-changes">{text.title}</h2>
      {!data &&
        (error ? <Failed what={text.failed} error={error} onRetry={() => void refetch()} /> : <Outlines rows={3} />)}
      {data && data.items.length === 0 && <p class="muted">{text.none}</p>}
      {data && data.items.length > 0 && (
        <ol class="bare change-log">
          {data.items.map((entry) => (
            <Entry
              key={`${entry.version} ${entry.kind}`}
              entry={entry}
              mayRestore={!narrow && entry.version !== tuning.version && tuning.trial === null}
              onRestore={old ? null : () => setRestoring(entry)}
            />
          ))}
        </ol>
      )}
      {restoring && <RestoreDialog entry={restoring} tuning={tuning} onClose={() => setRestoring(null)} />}
    </section>
  );
}

interface EntryProps {
  entry: TuningLogEntry;
  mayRestore: boolean;
  /** null: not now. */
  onRestore: (() => void) | null;
}

function Entry({ entry, mayRestore, onRestore }: EntryProps) {
  const { at, who, why, kind, age } = entry;
  return (
    <li class="change" data-version={entry.version}>
      <p class="small muted">
        <time dateTime={at} title={formatDateTime(at)}>
          {serverNow() - Date.parse(at) < dayMs ? formatTime(at) : formatDateTime(at)}
        </time>
        {" · "}
        {version(entry.version)}
        {" · "}
        <PlainName>{who}</PlainName>
      </p>
      <p>{wordsOf(entry)}</p>
      <p class="small">
        <PlainName>{why}</PlainName>
      </p>
      {kind !== "keep" && (
        <p class="small muted">{text.ages(ageOf(age.beforeMs), age.afterMs === null ? null : ageOf(age.afterMs))}</p>
      )}
      {mayRestore && (
        <button
          type="button"
          aria-label={text.restoreOf(entry.version)}
          aria-disabled={onRestore === null}
          onClick={() => onRestore?.()}
        >
          {text.restore}
        </button>
      )}
    </li>
  );
}

function wordsOf({ kind, changes, restores }: TuningLogEntry): string {
  if (kind === "keep") return text.keptTrial;
  const words = changes.map(({ stage, field, from, to }) => opsTuningText.change(stage, field, from, to));
  if (restores !== null) words.unshift(text.restored(restores));
  return [...(words.length > 0 ? words : [text.noChange]), text.kind[kind]].join(", ");
}

function RestoreDialog({ entry, tuning, onClose }: { entry: TuningLogEntry; tuning: OpsTuning; onClose: () => void }) {
  const client = useQueryClient();
  return (
    <ReasonDialog
      title={text.restoreTitle(entry.version)}
      submit={text.restoreSubmit}
      onClose={onClose}
      onSubmit={async (why) => {
        const now = await restoreTuning({ version: tuning.version, restore: entry.version, why });
        client.setQueryData(["ops", "tuning"], now);
        void client.invalidateQueries({ queryKey: ["ops"] });
      }}
    >
      <p>{text.restoreWords(entry.version)}</p>
    </ReasonDialog>
  );
}
