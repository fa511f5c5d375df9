import { useState } from "preact/hooks";
import type { ReviewSetting } from "../../../review/contract/admin.ts";
import type { Action } from "../../../review/contract/me.ts";
import { Failed, Outlines } from "../../components/panel-states.tsx";
import { mayActAs } from "../../session/me.ts";
import { adminText } from "../../strings/admin.en.ts";
import { ActionFields } from "./action-fields.tsx";
import { actionProblems, mostActions, movedAction, tidied, withNewAction } from "./action-list.ts";
import { SaveBar } from "./save-bar.tsx";
import { StaleDialog } from "./stale-dialog.tsx";
import { useSetting } from "./use-setting.ts";

const text = adminText.action;

/** The actions in order of force, which of them need a second key, and who may take them. */
export function ActionsForm() {
  const { setting, error, retry, saving, setSaving, save, takeTheirs } = useSetting("actions");
  const [draft, setDraft] = useState<Action[] | null>(null);
  if (!setting) return error ? <Failed what={adminText.failed} error={error} onRetry={retry} /> : <Outlines rows={4} />;
  const stored = actionsOf(setting);
  const actions = draft ?? stored;
  const problems = actionProblems(actions);
  const wrong = actions.length === 0 || problems.some((ones) => ones.length > 0);
  const changed = JSON.stringify(tidied(actions)) !== JSON.stringify(stored);
  const mayChange = mayActAs("admin");
  const change = (next: Action[]) => {
    setDraft(next);
    setSaving({ state: "idle" });
  };
  const submit = async (from: ReviewSetting) => {
    if (!wrong && changed && (await save({ actions: tidied(actions) }, from.version))) setDraft(null);
  };
  return (
    <form
      class="stack setting-form actions-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit(setting);
      }}
    >
      <ol class="bare stack">
        {actions.map((action, at) => (
          <li key={action.id}>
            <ActionFields
              action={action}
              place={at + 1}
              problems={problems[at] ?? []}
              disabled={!mayChange}
              first={at === 0}
              last={at === actions.length - 1}
              onChange={(next) => change(actions.with(at, next))}
              onMove={(by) => change(movedAction(actions, at, at + by))}
              onRemove={() => change(actions.toSpliced(at, 1))}
            />
          </li>
        ))}
      </ol>
      {actions.length === 0 && <p role="alert">{text.needOne}</p>}
      {mayChange && (
        <div class="row">
          <button
            type="button"
            aria-disabled={actions.length >= mostActions}
            onClick={() => actions.length < mostActions && change(withNewAction(actions))}
          >
            {text.add}
          </button>
          <span class="muted small">{text.most(mostActions)}</span>
        </div>
      )}
      <SaveBar
        setting={setting}
        saving={saving}
        mayChange={mayChange}
        ready={changed && !wrong}
        changed={changed}
        onDiscard={() => setDraft(null)}
      />
      {saving.state === "stale" && (
        <StaleDialog
          theirs={saving.theirs}
          mine={saving.mine}
          nameOf={() => adminText.section.actions}
          wordsOf={(_name, value) => (Array.isArray(value) ? value.map(labelOf).join(", ") : "")}
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

/** The setting's shape is the contract's: the server has parsed it. */
function actionsOf(setting: ReviewSetting): Action[] {
  const { actions } = setting.value as { actions: Action[] };
  return actions;
}

const labelOf = (action: Action) => action.label;
