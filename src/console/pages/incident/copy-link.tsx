import { useState } from "preact/hooks";
import { incidentText } from "../../strings/incident.en.ts";

/** Copies the address of this page. */
export function CopyLink() {
  const [outcome, setOutcome] = useState<"copied" | "refused" | null>(null);
  const copy = () =>
    navigator.clipboard.writeText(location.href).then(
      () => setOutcome("copied"),
      () => setOutcome("refused"),
    );
  return (
    <>
      <button type="button" onClick={copy} onBlur={() => setOutcome(null)}>
        {incidentText.copy}
      </button>
      <span class="muted" role="status">
        {outcome === "copied" && incidentText.copied}
        {outcome === "refused" && incidentText.copyFailed}
      </span>
    </>
  );
}
