import { useEffect, useState } from "preact/hooks";
import type { Incident } from "../../../review/contract/incident.ts";
import { readIncident } from "../../api/review-api.ts";
import { Failed, Outlines } from "../../components/panel-states.tsx";
import { queueText } from "../../strings/queue.en.ts";
import { useViewer } from "../../viewer/use-viewer.ts";
import { Viewer } from "../../viewer/viewer.tsx";

interface Props {
  toLookAt: readonly number[];
  lookedAt: ReadonlySet<number>;
  onLooked: (id: number) => void;
}

/** Those drawn at random, one at a time, covered like everywhere. */
export function BulkLooks({ toLookAt, lookedAt, onLooked }: Props) {
  const [at, setAt] = useState<number | null>(null);
  const next = toLookAt.find((id) => id !== at && !lookedAt.has(id));
  return (
    <section class="stack bulk-look" aria-label={queueText.lookTitle(toLookAt.length)}>
      <h3>{queueText.lookTitle(toLookAt.length)}</h3>
      <div class="row bulk-looks">
        {toLookAt.map((id) => (
          <button
            key={id}
            type="button"
            aria-pressed={id === at}
            aria-label={lookedAt.has(id) ? `${queueText.lookAt(id)}, ${queueText.lookedMark}` : queueText.lookAt(id)}
            onClick={() => setAt(id)}
          >
            {lookedAt.has(id) ? "✓ " : ""}
            {id}
          </button>
        ))}
        <span class="muted" aria-live="polite">
          {queueText.looked(lookedAt.size, toLookAt.length)}
        </span>
      </div>
      {at !== null && <OneLook key={at} id={at} onLooked={onLooked} />}
      {at !== null && lookedAt.has(at) && next !== undefined && (
        <div>
          <button type="button" onClick={() => setAt(next)}>
            {queueText.lookNext}
          </button>
        </div>
      )}
    </section>
  );
}

function OneLook({ id, onLooked }: { id: number; onLooked: (id: number) => void }) {
  const [read, setRead] = useState<{ incident: Incident } | { error: unknown } | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const stopped = new AbortController();
    setRead(null);
    readIncident(id, stopped.signal).then(
      (incident) => setRead({ incident }),
      (error) => !stopped.signal.aborted && setRead({ error }),
    );
    return () => stopped.abort();
  }, [id, turn]);
  if (read === null) return <Outlines rows={4} />;
  if ("error" in read)
    return <Failed what={queueText.lookFailed} error={read.error} onRetry={() => setTurn((now) => now + 1)} />;
  return <Looked incident={read.incident} onLooked={onLooked} />;
}

function Looked({ incident, onLooked }: { incident: Incident; onLooked: (id: number) => void }) {
  const viewer = useViewer(incident);
  return <Viewer incident={incident} viewer={viewer} keys={false} onSeen={() => onLooked(incident.id)} />;
}
