/** What stands in a panel's place while it has nothing to show. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { RequestError } from "../api/request-error.ts";
import { shellText } from "../strings/shell.en.ts";
import "./panel-states.css";

const quietMs = 300;

/** Outlines of what will come, after a moment in which nothing shows. */
export function Outlines({ rows, height }: { rows: number; height?: string }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), quietMs);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="outlines" role="status" aria-label={late ? shellText.loading : undefined} data-late={late}>
      {Array.from({ length: rows }, (_, at) => (
        <div key={at} class="outline" style={{ height: height ?? "var(--row)" }} />
      ))}
    </div>
  );
}

/** What failed, the problem's id, and a way to try again. */
export function Failed({ what, error, onRetry }: { what: string; error: unknown; onRetry?: () => void }) {
  return (
    <div class="card stack" role="alert">
      <p>
        <strong>{what}</strong>
      </p>
      <p>{error instanceof RequestError ? error.message : shellText.unexpected}</p>
      {error instanceof RequestError && error.instance && (
        <p class="muted small">{shellText.problem(error.instance)}</p>
      )}
      {onRetry && (
        <div>
          <button type="button" onClick={onRetry}>
            {shellText.retry}
          </button>
        </div>
      )}
    </div>
  );
}

export function Empty({ children, action }: { children: ComponentChildren; action?: ComponentChildren }) {
  return (
    <div class="empty stack">
      <p>{children}</p>
      {action}
    </div>
  );
}
