import { useState } from "preact/hooks";
import { ActivityTable } from "../../activity/activity-table.tsx";
import { useActivity } from "../../activity/use-activity.ts";
import { activityExportAddress, readActivity } from "../../api/admin-api.ts";
import { serverNow } from "../../api/server-clock.ts";
import { Failed, Outlines } from "../../components/panel-states.tsx";
import { mayActAs, me } from "../../session/me.ts";
import { adminText } from "../../strings/admin.en.ts";

const text = adminText.log;
const dayMs = 86_400_000;

/** The activity log, newest first, and the way to have it as a file. */
export function LogSection() {
  const { entries, error, retry, older } = useActivity([], readActivity);
  const mayExport = mayActAs("admin") || me.value?.user.scopes.includes("export");
  return (
    <>
      {mayExport && <Export />}
      {entries ? (
        <ActivityTable entries={entries} incidents />
      ) : error ? (
        <Failed what={adminText.failed} error={error} onRetry={retry} />
      ) : (
        <Outlines rows={8} />
      )}
      {older && (
        <div>
          <button type="button" onClick={older}>
            {text.older}
          </button>
        </div>
      )}
    </>
  );
}

function Export() {
  const today = new Date(serverNow()).toISOString().slice(0, 10);
  const [from, setFrom] = useState(new Date(Date.parse(today) - 30 * dayMs).toISOString().slice(0, 10));
  const [to, setTo] = useState(today);
  const address = (format: "csv" | "jsonl") => {
    const [begin, last] = [Date.parse(from), Date.parse(to)];
    if (Number.isNaN(begin) || Number.isNaN(last) || last < begin) return undefined;
    return activityExportAddress(format, new Date(begin).toISOString(), new Date(last + dayMs).toISOString());
  };
  return (
    <fieldset class="card log-export">
      <legend class="unseen">{text.export}</legend>
      <label class="above">
        {text.from}
        <input type="date" value={from} max={to} onInput={(event) => setFrom(event.currentTarget.value)} />
      </label>
      <label class="above">
        {text.to}
        <input type="date" value={to} min={from} onInput={(event) => setTo(event.currentTarget.value)} />
      </label>
      {(["csv", "jsonl"] as const).map((format) => (
        <a key={format} class="button" href={address(format)} download>
          {text.export} {text[format]}
        </a>
      ))}
      <p class="muted small">{text.exportWords}</p>
    </fieldset>
  );
}
