import { useState } from "preact/hooks";
import { DataTable } from "../../../components/data-table.tsx";
import { Failed, Outlines } from "../../../components/panel-states.tsx";
import { formatNumber } from "../../../strings/format.en.ts";
import { opsText } from "../../../strings/ops.en.ts";
import { opsFailureText as text } from "../../../strings/ops-failures.en.ts";
import { Levelled } from "../level-mark.tsx";
import { useFailures } from "../use-ops-data.ts";
import { RecentCaptures } from "./recent-captures.tsx";
import "./failures.css";

/** What went wrong, by reason, and the captures themselves. */
export function Failures({ old }: { old: boolean }) {
  const { data, error, refetch } = useFailures();
  const [reason, setReason] = useState<string | null>(null);
  return (
    <section class="card stack" aria-labelledby="ops-failures">
      <h2 id="ops-failures">{text.title}</h2>
      {!data &&
        (error ? <Failed what={text.failed} error={error} onRetry={() => void refetch()} /> : <Outlines rows={3} />)}
      {data && (
        <p>
          <Levelled level={data.level}>{text.sentence(data)}</Levelled>
        </p>
      )}
      {data && data.reasons.length > 0 && (
        <DataTable
          label={text.title}
          columns={[
            { name: text.reason },
            { name: text.words },
            { name: text.fiveMinutes, number: true },
            { name: text.hour, number: true },
            { name: text.show },
          ]}
          rows={data.reasons.map((one) => ({
            key: `${one.verdict} ${one.reason}`,
            cells: [
              <code key="reason">{one.reason}</code>,
              <span key="words" class="failure-words">
                {one.words}
              </span>,
              formatNumber(one.fiveMinutes),
              formatNumber(one.hour),
              one.verdict === "expired" ? (
                opsText.unknown
              ) : (
                <button
                  key="show"
                  type="button"
                  aria-pressed={reason === one.reason}
                  aria-label={text.showOf(one.reason)}
                  onClick={() => setReason(reason === one.reason ? null : one.reason)}
                >
                  {text.captures}
                </button>
              ),
            ],
          }))}
        />
      )}
      <RecentCaptures reason={reason} old={old} onAll={() => setReason(null)} />
    </section>
  );
}
