import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { RedriveAnswer, RedrivePreview, RedriveScope } from "../../../../review/contract/ops-failures.ts";
import { previewRedrive, redrive } from "../../../api/ops-api.ts";
import { Dialog } from "../../../components/dialog.tsx";
import { opsFailureText as text } from "../../../strings/ops-failures.en.ts";
import { ReasonDialog } from "../tuning/reason-dialog.tsx";
import { countTyped } from "./count-typed.ts";

interface Props {
  scope: RedriveScope;
  onDone: () => void;
  onClose: () => void;
}

/** What would go through again, counted by the server; then the count typed and a reason, and it goes. */
export function RedriveDialog({ scope, onDone, onClose }: Props) {
  const [pastDeadline, setPastDeadline] = useState<"skip" | "redrive">("skip");
  const [typed, setTyped] = useState("");
  const [answer, setAnswer] = useState<RedriveAnswer | null>(null);
  const request = { scope, pastDeadline };
  const { data, error, refetch } = useQuery({
    queryKey: ["ops-redrive-preview", JSON.stringify(request)],
    queryFn: ({ signal }) => previewRedrive(request, signal),
    // What was counted is what is sent.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
    retry: false,
  });
  if (answer)
    return (
      <Dialog title={text.doneTitle} onClose={onDone}>
        <p role="status">{text.done(answer)}</p>
      </Dialog>
    );
  return (
    <ReasonDialog
      title={text.redriveTitle}
      submit={text.redriveSubmit(data?.count ?? null)}
      danger
      obstacle={obstacleOf(data, typed)}
      onClose={onClose}
      keepOpen
      onSubmit={async (why) => {
        if (!data) return;
        try {
          setAnswer(await redrive({ ...request, asOf: data.asOf, count: data.count, why }));
        } catch (error) {
          // What was counted is no longer so: it is counted anew, and typed anew.
          void refetch();
          throw error;
        }
      }}
    >
      <p>{text.scope(scope)}</p>
      {!data && <p class="muted">{error ? `${text.previewFailed} ${error.message}` : text.counting}</p>}
      {data && <Preview preview={data} />}
      {(pastDeadline === "redrive" || (data?.pastDeadline ?? 0) > 0) && (
        <label>
          <input
            type="checkbox"
            checked={pastDeadline === "redrive"}
            onChange={(event) => setPastDeadline(event.currentTarget.checked ? "redrive" : "skip")}
          />
          {text.alsoLate}
        </label>
      )}
      {data && data.count > 0 && (
        <label class="above">
          {text.typeCount(data.count)}
          <input
            inputMode="numeric"
            autocomplete="off"
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
      )}
    </ReasonDialog>
  );
}

function obstacleOf(preview: RedrivePreview | undefined, typed: string): string | null {
  if (!preview) return text.counting;
  if (preview.count === 0) return text.nothingToRedrive;
  return countTyped(typed) === preview.count ? null : text.typeCount(preview.count);
}

function Preview({ preview }: { preview: RedrivePreview }) {
  const { words, pastDeadline, redrivenBefore, cannot, reasons } = preview;
  return (
    <>
      <p>
        <strong>{words}</strong>
      </p>
      <ul class="redrive-facts">
        {Object.entries(reasons).map(([reason, count]) => (
          <li key={reason}>{text.ofReason(reason, count)}</li>
        ))}
        {pastDeadline > 0 && <li>{text.late(pastDeadline)}</li>}
        {redrivenBefore > 0 && <li>{text.before(redrivenBefore)}</li>}
        {cannot > 0 && <li>{text.cannotOf(cannot)}</li>}
      </ul>
    </>
  );
}
