import type { UnprocessableCapture } from "../../../../review/contract/ops-failures.ts";
import { PlainName } from "../../../components/plain-name.tsx";
import { mayActAs } from "../../../session/me.ts";
import { formatDateTime, formatTime } from "../../../strings/format.en.ts";
import { opsFailureText as text } from "../../../strings/ops-failures.en.ts";
import { CapturePicture } from "./capture-picture.tsx";

interface Props {
  capture: UnprocessableCapture;
  chosen: boolean;
  /** null: nothing can be chosen here. */
  onChoose: ((on: boolean) => void) | null;
}

/** A capture that failed: why, of which stream, what became of it, and its picture under a cover. */
export function CaptureCard({ capture, chosen, onChoose }: Props) {
  const { captureId, streamId, reason, detail, failedAt, picture, redriveOf, redriven, cannotRedrive } = capture;
  return (
    <li class="capture" data-capture={captureId}>
      {picture === "none" ? (
        <span class="capture-none small muted">{text.noPicture}</span>
      ) : mayActAs("moderator") ? (
        <CapturePicture id={capture.id} captureId={captureId} />
      ) : (
        <span class="capture-none small muted">{text.forModerators}</span>
      )}
      <div class="capture-words">
        <p>
          <code>{reason}</code>{" "}
          <time class="muted" dateTime={failedAt} title={formatDateTime(failedAt)}>
            {formatTime(failedAt)}
          </time>
        </p>
        <p class="small">
          {streamId === null ? text.noStream : text.stream} {streamId !== null && <PlainName>{streamId}</PlainName>}
          <span class="muted">
            {" · "}
            <PlainName>{captureId}</PlainName>
          </span>
        </p>
        {detail !== null && (
          <p class="small muted">
            <PlainName>{detail}</PlainName>
          </p>
        )}
        {redriveOf !== null && (
          <p class="small muted">
            {text.redriveOf} <PlainName>{redriveOf}</PlainName>
          </p>
        )}
        {redriven !== null ? (
          <p class="small">
            {text.redriven(formatTime(redriven.at))} <PlainName>{redriven.by}</PlainName>
          </p>
        ) : cannotRedrive !== null ? (
          <p class="small muted">{text.cannot(cannotRedrive)}</p>
        ) : onChoose === null ? null : (
          <label class="small">
            <input type="checkbox" checked={chosen} onChange={(event) => onChoose(event.currentTarget.checked)} />
            {text.choose}
            <span class="unseen">{text.chooseOf(captureId)}</span>
          </label>
        )}
      </div>
    </li>
  );
}
