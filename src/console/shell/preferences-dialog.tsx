import { useState } from "preact/hooks";
import type { Preferences } from "../../review/contract/me.ts";
import { RequestError } from "../api/request-error.ts";
import { Dialog } from "../components/dialog.tsx";
import { Choice, NumberChoice, Switch } from "../components/preference-fields.tsx";
import { me } from "../session/me.ts";
import { prefer, preferences } from "../session/preferences.ts";
import { preferencesText as text } from "../strings/preferences.en.ts";
import { KeyFields } from "./key-fields.tsx";

const tones = ["by-severity", "colour", "muted", "grey", "sepia", "smoothed"] as const;
const blurs = [0.01, 0.02, 0.04, 0.06, 0.1];
const undoTimes = [10_000, 15_000, 20_000, 30_000];

/** What the person prefers; each change is saved at once. */
export default function PreferencesDialog({ onClose }: { onClose: () => void }) {
  const [failed, setFailed] = useState<string | null>(null);
  const own = preferences.value;
  const limits = me.value?.limits;
  if (!own || !limits) return null;
  const set = (change: Partial<Preferences>) => {
    setFailed(null);
    prefer(change).catch((error) => setFailed(error instanceof RequestError ? error.message : text.failed));
  };
  return (
    <Dialog title={text.title} onClose={onClose} wide>
      <p class="muted">{text.kept}</p>
      {failed && (
        <p role="alert">
          {text.failed} {failed}
        </p>
      )}
      <fieldset class="stack">
        <legend>
          <h3>{text.groups.page}</h3>
        </legend>
        <Choice label={text.theme} value={own.theme} texts={text.themes} onChange={(theme) => set({ theme })} />
        <Choice label={text.rows} value={own.rows} texts={text.rowHeights} onChange={(rows) => set({ rows })} />
      </fieldset>
      <fieldset class="stack">
        <legend>
          <h3>{text.groups.pictures}</h3>
        </legend>
        <Choice label={text.look} value={own.look} texts={text.looks} onChange={(look) => set({ look })} />
        <NumberChoice
          label={text.blur}
          value={own.blur}
          none={text.blurBySeverity}
          choices={blurs.filter((share) => share >= limits.leastBlur)}
          words={text.blurShare}
          onChange={(blur) => set({ blur })}
        />
        <Switch
          label={text.coverLow}
          on={own.coverLow || limits.coverLow}
          fixed={limits.coverLow}
          onChange={(coverLow) => set({ coverLow })}
        />
        <Switch
          label={text.coverMedium}
          on={own.coverMedium || limits.coverMedium}
          fixed={limits.coverMedium}
          onChange={(coverMedium) => set({ coverMedium })}
        />
        <Choice
          label={text.tone}
          value={tones.find((tone) => tone === own.tone) ?? "by-severity"}
          texts={text.tones}
          onChange={(tone) => set({ tone })}
        />
        <Choice
          label={text.size}
          value={own.size ?? "none"}
          texts={{ none: text.sizeBySeverity, ...text.sizes }}
          onChange={(size) => set({ size: size === "none" ? null : size })}
        />
        <label>
          {text.brightness}
          <input
            type="range"
            min="0.4"
            max="1"
            step="0.1"
            value={own.brightness}
            onChange={(event) => set({ brightness: event.currentTarget.valueAsNumber })}
          />
        </label>
        <Switch label={text.spotlight} on={own.spotlight} onChange={(spotlight) => set({ spotlight })} />
      </fieldset>
      <fieldset class="stack">
        <legend>
          <h3>{text.groups.deciding}</h3>
        </legend>
        <NumberChoice
          label={text.undo}
          value={own.undoMs}
          choices={undoTimes}
          words={(ms) => text.seconds(ms / 1000)}
          onChange={(undoMs) => undoMs !== null && set({ undoMs })}
        />
      </fieldset>
      <fieldset class="stack">
        <legend>
          <h3>{text.groups.keys}</h3>
        </legend>
        <Switch label={text.singleKeys} on={own.singleKeys} onChange={(singleKeys) => set({ singleKeys })} />
        <p class="muted small">{text.singleKeysHint}</p>
        <KeyFields keys={own.keys} onChange={(keys) => set({ keys })} />
      </fieldset>
    </Dialog>
  );
}
