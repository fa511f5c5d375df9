import type { ReviewSetting } from "../../../review/contract/admin.ts";
import { adminText } from "../../strings/admin.en.ts";
import type { Saving } from "./use-setting.ts";

interface Props {
  setting: ReviewSetting;
  saving: Saving;
  mayChange: boolean;
  /** Something was changed, and nothing is wrong. */
  ready: boolean;
  changed: boolean;
  onDiscard: () => void;
}

/** Which version this is, and the way to save another. */
export function SaveBar({ setting, saving, mayChange, ready, changed, onDiscard }: Props) {
  const inert = !ready || saving.state === "saving";
  return (
    <div class="stack">
      <p class="muted small">{adminText.version(setting.version, setting.changedBy, setting.changedAt)}</p>
      {mayChange ? (
        <div class="row">
          <button type="submit" class="primary" aria-disabled={inert}>
            {adminText.save}
          </button>
          {changed && (
            <button type="button" class="plain" onClick={onDiscard}>
              {adminText.discard}
            </button>
          )}
          <span role="status">{saving.state === "saved" && adminText.saved}</span>
        </div>
      ) : (
        <p class="muted">{adminText.readOnly}</p>
      )}
      {saving.state === "failed" && (
        <p role="alert">
          {adminText.notSaved} {saving.message}
        </p>
      )}
    </div>
  );
}
