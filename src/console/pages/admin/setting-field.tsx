import { useId } from "preact/hooks";
import { adminText } from "../../strings/admin.en.ts";
import { type Field, type FieldProblem, textOf } from "./setting-fields.ts";

interface Props {
  label: string;
  field: Field;
  text: string;
  problem: FieldProblem | null;
  changed: boolean;
  disabled: boolean;
  onChange: (text: string) => void;
}

/** One value of a setting, and what is wrong with what stands in it. */
export function SettingField({ label, field, text, problem, changed, disabled, onChange }: Props) {
  const id = useId();
  const hint = `${id}-hint`;
  if (field.unit === "yes-no")
    return (
      <label class="setting-check" data-changed={changed}>
        <input
          type="checkbox"
          disabled={disabled}
          checked={text === "yes"}
          onChange={(event) => onChange(event.currentTarget.checked ? "yes" : "no")}
        />
        {label}
      </label>
    );
  return (
    <div class="setting-field" data-changed={changed}>
      <label for={id}>{label}</label>
      <input
        id={id}
        inputMode={field.unit === "duration" ? "text" : "decimal"}
        autocomplete="off"
        disabled={disabled}
        value={text}
        aria-invalid={problem !== null}
        aria-describedby={hint}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <span id={hint} class="small" data-problem={problem !== null} aria-live="polite">
        {problem
          ? adminText.problem(problem, textOf(field, field.min), textOf(field, field.max))
          : adminText.unit[field.unit]}
      </span>
    </div>
  );
}
