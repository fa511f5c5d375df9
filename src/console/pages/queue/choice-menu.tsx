import type { ComponentChildren } from "preact";
import { Menu } from "../../components/menu.tsx";
import { PlainName } from "../../components/plain-name.tsx";
import { queueText } from "../../strings/queue.en.ts";
import { toggled } from "./filters.ts";

interface Props<Value extends string> {
  name: string;
  values: readonly Value[];
  chosen: readonly Value[];
  words?: (value: Value) => ComponentChildren;
  hint?: string;
  onChange: (chosen: Value[]) => void;
}

/** A filter of which several values may be chosen. */
export function ChoiceMenu<Value extends string>({ name, values, chosen, words, hint, onChange }: Props<Value>) {
  return (
    <Menu label={queueText.chosen(name, chosen.length)} chosen={chosen.length > 0}>
      <fieldset class="stack">
        <legend class="unseen">{name}</legend>
        {values.length === 0 && <p class="muted">{queueText.nothingToChoose}</p>}
        {values.map((value) => (
          <label key={value}>
            <input type="checkbox" checked={chosen.includes(value)} onChange={() => onChange(toggled(chosen, value))} />
            {words ? words(value) : <PlainName>{value}</PlainName>}
          </label>
        ))}
      </fieldset>
      {hint && <p class="muted small">{hint}</p>}
    </Menu>
  );
}
