import { useId } from "preact/hooks";
import type { Role } from "../../../review/access/roles.ts";
import type { Action } from "../../../review/contract/me.ts";
import { adminText } from "../../strings/admin.en.ts";
import { plainName } from "../../strings/format.en.ts";
import { type ActionProblem, longestLabel } from "./action-list.ts";

const text = adminText.action;
const roles = ["moderator", "lead", "admin"] as const satisfies Role[];

interface Props {
  action: Action;
  place: number;
  problems: readonly ActionProblem[];
  disabled: boolean;
  first: boolean;
  last: boolean;
  onChange: (action: Action) => void;
  onMove: (by: 1 | -1) => void;
  onRemove: () => void;
}

/** One action: its name, the word for when it is done, and what it asks for. */
export function ActionFields({ action, place, problems, disabled, first, last, onChange, onMove, onRemove }: Props) {
  const id = useId();
  const name = action.label.trim() === "" ? text.unnamed : plainName(action.label);
  return (
    <fieldset class="card action-fields" disabled={disabled} aria-describedby={`${id}-problems`}>
      <legend class="unseen">{text.place(place)}</legend>
      <span class="key" aria-hidden="true">
        {place}
      </span>
      <label class="above">
        {text.label}
        <input
          maxLength={longestLabel}
          value={action.label}
          aria-invalid={problems.some((problem) => problem === "no-label" || problem === "same-label")}
          onInput={(event) => onChange({ ...action, label: event.currentTarget.value })}
        />
      </label>
      <label class="above">
        {text.done}
        <input
          maxLength={longestLabel}
          value={action.done}
          title={text.doneHint}
          aria-invalid={problems.includes("no-done")}
          onInput={(event) => onChange({ ...action, done: event.currentTarget.value })}
        />
      </label>
      <label class="above">
        {text.role}
        <select
          value={action.role}
          onChange={(event) =>
            onChange({ ...action, role: roles.find((role) => role === event.currentTarget.value) ?? action.role })
          }
        >
          {roles.map((role) => (
            <option key={role} value={role}>
              {adminText.role[role]}
            </option>
          ))}
        </select>
      </label>
      <label class="action-severe">
        <input
          type="checkbox"
          checked={action.severe}
          onChange={(event) => onChange({ ...action, severe: event.currentTarget.checked })}
        />
        {text.severe}
      </label>
      <span class="row action-moves">
        <button type="button" class="plain" aria-label={text.up(name)} disabled={first} onClick={() => onMove(-1)}>
          ↑
        </button>
        <button type="button" class="plain" aria-label={text.down(name)} disabled={last} onClick={() => onMove(1)}>
          ↓
        </button>
        <button type="button" class="plain" aria-label={text.remove(name)} onClick={onRemove}>
          ✕
        </button>
      </span>
      <p id={`${id}-problems`} class="small action-problems" aria-live="polite">
        {problems.map((problem) => text.problem[problem]).join(" ")}
      </p>
    </fieldset>
  );
}
