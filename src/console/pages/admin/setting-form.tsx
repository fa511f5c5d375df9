import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { ReviewSetting } from "../../../review/contract/admin.ts";
import { Failed, Outlines } from "../../components/panel-states.tsx";
import { mayActAs } from "../../session/me.ts";
import { adminText } from "../../strings/admin.en.ts";
import { SaveBar } from "./save-bar.tsx";
import { SettingField } from "./setting-field.tsx";
import {
  changedFields,
  type Draft,
  draftOf,
  type FormName,
  fieldsOf,
  readDraft,
  type SettingValue,
  textOf,
} from "./setting-fields.ts";
import { StaleDialog } from "./stale-dialog.tsx";
import { useSetting } from "./use-setting.ts";

interface Props {
  form: FormName;
  /** What a right change would do, shown before it is saved. */
  preview?: (value: SettingValue) => ComponentChildren;
}

/** A setting of plain values, validated as it is typed. */
export function SettingForm({ form, preview }: Props) {
  const { setting, error, retry, saving, setSaving, save, takeTheirs } = useSetting(form);
  const [draft, setDraft] = useState<Draft | null>(null);
  if (!setting) return error ? <Failed what={adminText.failed} error={error} onRetry={retry} /> : <Outlines rows={5} />;
  const typed = draft ?? draftOf(form, setting.value);
  const { value, problems } = readDraft(form, typed);
  const changed = changedFields(form, setting.value, typed);
  const wrong = Object.keys(problems).length > 0;
  const mayChange = mayActAs("admin");
  const submit = async (from: ReviewSetting) => {
    if (wrong || (changed.length === 0 && saving.state !== "stale")) return;
    if (await save(value, from.version)) setDraft(null);
  };
  return (
    <form
      class="stack setting-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit(setting);
      }}
    >
      {fieldsOf(form).map(([name, field]) => (
        <SettingField
          key={name}
          label={adminText.field(form, name)}
          field={field}
          text={typed[name] ?? ""}
          problem={problems[name] ?? null}
          changed={changed.includes(name)}
          disabled={!mayChange}
          onChange={(text) => {
            setDraft({ ...typed, [name]: text });
            setSaving({ state: "idle" });
          }}
        />
      ))}
      {preview && !wrong && preview(value)}
      <SaveBar
        setting={setting}
        saving={saving}
        mayChange={mayChange}
        ready={changed.length > 0 && !wrong}
        changed={changed.length > 0}
        onDiscard={() => setDraft(null)}
      />
      {saving.state === "stale" && (
        <StaleDialog
          theirs={saving.theirs}
          mine={saving.mine}
          nameOf={(name) => adminText.field(form, name)}
          wordsOf={(name, stored) => {
            const field = fieldsOf(form).find(([one]) => one === name)?.[1];
            return field ? textOf(field, stored) : String(stored);
          }}
          onKeepTheirs={() => {
            setDraft(null);
            void takeTheirs();
          }}
          onSaveMine={() => void submit(saving.theirs)}
        />
      )}
    </form>
  );
}
