import type { RefObject } from "preact";
import { useId } from "preact/hooks";
import type { OpsStage } from "../../../../review/contract/ops.ts";
import type { OpsTuning } from "../../../../review/contract/ops-tuning.ts";
import { CommandButton } from "../../../components/command-button.tsx";
import { opsTuningText as text } from "../../../strings/ops-tuning.en.ts";
import { changesOf, draftFields, problemOf, textOf } from "./draft.ts";
import { Effect } from "./effect.tsx";
import { StaleDraft } from "./stale-draft.tsx";
import type { Drafting } from "./use-draft.ts";
import "./tuning.css";

interface Props {
  tuning: OpsTuning;
  stage: OpsStage;
  drafting: Drafting;
  /** The figures are too old to change anything on their ground. */
  old: boolean;
  firstField: RefObject<HTMLInputElement | null>;
}

/** The fields of the chosen pool. What is typed is a draft, of this pool and others, until it is applied or tried. */
export function DraftPanel({ tuning, stage, drafting, old, firstField }: Props) {
  const id = useId();
  const { draft, why, obstacle, problem, sending } = drafting;
  const changes = changesOf(draft);
  return (
    <form
      class="stack tuning-draft"
      noValidate
      aria-label={text.title(stage)}
      onSubmit={(event) => {
        event.preventDefault();
      }}
    >
      <div class="tuning-fields">
        {draftFields.map((field, at) => {
          const wrong = problemOf(tuning, draft, stage, field);
          const changed = draft?.texts[stage]?.[field] !== undefined;
          return (
            <div key={field} class="tuning-field" data-changed={changed}>
              <label for={`${id}-${field}`}>{text.field[field]}</label>
              <input
                id={`${id}-${field}`}
                ref={at === 0 ? firstField : undefined}
                inputMode="decimal"
                autocomplete="off"
                value={textOf(tuning, draft, stage, field)}
                placeholder={text.placeholder(field, tuning.defaults[stage][field])}
                disabled={old}
                aria-invalid={wrong !== null}
                aria-describedby={`${id}-${field}-words`}
                onInput={(event) => drafting.type(stage, field, event.currentTarget.value)}
              />
              <span id={`${id}-${field}-words`} class="small" data-problem={wrong !== null}>
                {wrong ?? text.default(field, tuning.defaults[stage][field])}
              </span>
            </div>
          );
        })}
      </div>
      {draft === null ? (
        <p class="muted small">{text.noDraft}</p>
      ) : (
        <>
          <p class="small">{text.draft}</p>
          <ul class="tuning-changes" aria-label={text.changes}>
            {changes.map(({ stage: of, field, from, to }) => (
              <li key={`${of} ${field}`}>{text.change(of, field, from, to)}</li>
            ))}
          </ul>
          {drafting.stale ? (
            <StaleDraft draft={draft} tuning={tuning} onDrop={drafting.discard} onOnto={drafting.rebase} />
          ) : (
            <Effect tuning={tuning} draft={draft} />
          )}
          <label class="above">
            {text.reason}
            <textarea
              rows={2}
              maxLength={500}
              required
              value={why}
              onInput={(event) => drafting.setWhy(event.currentTarget.value)}
            />
          </label>
        </>
      )}
      <div class="row">
        <CommandButton
          command="ops.try"
          class="primary"
          muted={sending ? text.sending : obstacle}
          onPress={drafting.try}
        >
          {text.try}
        </CommandButton>
        <button
          type="button"
          aria-disabled={obstacle !== null || sending}
          title={obstacle ?? undefined}
          onClick={drafting.apply}
        >
          {text.apply}
        </button>
        {draft !== null && (
          <button type="button" class="plain" onClick={drafting.discard}>
            {text.discard}
          </button>
        )}
      </div>
      <p class="small tuning-message" role={problem ? "alert" : undefined} data-problem={problem !== null}>
        {problem ?? (draft !== null ? obstacle : null)}
      </p>
    </form>
  );
}
