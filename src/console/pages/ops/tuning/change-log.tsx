import type { UseQueryResult } from "@tanstack/preact-query";
import { useQueryClient } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { z } from "zod";
import type { OpsTuning, TuningLog, TuningLogEntry } from "../../../../review/contract/ops.ts";
import { restoreTuning } from "../../../api/ops-api.ts";
import { DataTable } from "../../../components/data-table.tsx";
import { Failed, Outlines } from "../../../components/panel-states.tsx";
import { PlainName } from "../../../components/plain-name.tsx";
import { formatDateTime, formatTime } from "../../../strings/format.en.ts";
import { opsTuningText } from "../../../strings/ops-tuning.en.ts";
import { ReasonDialog } from "./reason-dialog.tsx";

const { log: text, ageOf, version } = opsTuningText;

interface Props {
  log: Pick<UseQueryResult<z.infer<typeof TuningLog>>, "data" | "error" | "refetch">;
  tuning: OpsTuning;
  old: boolean;
}

/** Who changed what and why, what it did to the oldest age, and the way back to an older version. */
export function ChangeLog({ log: { data, error, refetch }, tuning, old }: Props) {
  const [restoring, setRestoring] = useState<TuningLogEntry | null>(null);
  return (
    <section class="card stack" aria-labelledby="ops-changes">
      <h2 id="ops-changes">{text.title}</h2>
      {!data &&
        (error ? <Failed what={text.failed} error={error} onRetry={() => void refetch()} /> : <Outlines rows={3} />)}
      {data && data.items.length === 0 && <p class="muted">{text.none}</p>}
      {data && data.items.length > 0 && (
        <DataTable
          label={text.title}
          columns={[
            { name: text.when },
            { name: text.version, number: true },
            { name: text.what },
            { name: text.who },
            { name: text.why },
            { name: text.age, number: true },
            { name: text.act },
          ]}
          rows={data.items.map((entry) => ({
            key: String(entry.version) + entry.kind,
            cells: [
              <time key="when" dateTime={entry.at} title={formatDateTime(entry.at)}>
                {formatTime(entry.at)}
              </time>,
              version(entry.version),
              <What key="what" entry={entry} />,
              <PlainName key="who">{entry.who}</PlainName>,
              <PlainName key="why">{entry.why}</PlainName>,
              text.ages(ageOf(entry.age.beforeMs), ageOf(entry.age.afterMs)),
              entry.version === tuning.version || tuning.trial !== null ? null : (
                <button
                  key="restore"
                  type="button"
                  class="plain"
                  aria-label={text.restoreOf(entry.version)}
                  aria-disabled={old}
                  onClick={() => !old && setRestoring(entry)}
                >
                  {text.restore}
                </button>
              ),
            ],
          }))}
        />
      )}
      {restoring && <RestoreDialog entry={restoring} tuning={tuning} onClose={() => setRestoring(null)} />}
    </section>
  );
}

function What({ entry: { kind, changes, restores } }: { entry: TuningLogEntry }) {
  const words = changes.map(({ stage, field, from, to }) => opsTuningText.change(stage, field, from, to));
  if (restores !== null) words.unshift(text.restored(restores));
  return (
    <>
      {words.length > 0 ? words.join(", ") : text.noChange} <span class="muted">· {text.kind[kind]}</span>
    </>
  );
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
