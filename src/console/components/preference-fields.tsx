/** Fields whose change takes effect at once. */

interface ChoiceProps<Value extends string> {
  label: string;
  value: Value;
  texts: Readonly<Record<Value, string>>;
  onChange: (value: Value) => void;
}

/** One of a few words. */
export function Choice<Value extends string>({ label, value, texts, onChange }: ChoiceProps<Value>) {
  const values = Object.keys(texts) as Value[];
  return (
    <label>
      {label}
      <select
        value={value}
        onChange={(event) => {
          const chosen = values.find((one) => one === event.currentTarget.value);
          if (chosen !== undefined) onChange(chosen);
        }}
      >
        {values.map((one) => (
          <option key={one} value={one}>
            {texts[one]}
          </option>
        ))}
      </select>
    </label>
  );
}

interface NumberChoiceProps {
  label: string;
  value: number | null;
  choices: readonly number[];
  words: (value: number) => string;
  /** Words for null, where that may be chosen. */
  none?: string;
  onChange: (value: number | null) => void;
}

/** One of a few numbers, or none. */
export function NumberChoice({ label, value, choices, words, none, onChange }: NumberChoiceProps) {
  const offered = value === null || choices.includes(value) ? choices : [...choices, value].toSorted((a, b) => a - b);
  return (
    <label>
      {label}
      <select
        value={value === null ? "" : String(value)}
        onChange={({ currentTarget }) => onChange(currentTarget.value === "" ? null : Number(currentTarget.value))}
      >
        {none !== undefined && <option value="">{none}</option>}
        {offered.map((one) => (
          <option key={one} value={String(one)}>
            {words(one)}
          </option>
        ))}
      </select>
    </label>
  );
}

interface SwitchProps {
  label: string;
  on: boolean;
  /** Set by an administrator. */
  fixed?: boolean;
  onChange: (on: boolean) => void;
}

export function Switch({ label, on, fixed = false, onChange }: SwitchProps) {
  return (
    <label>
      <input
        type="checkbox"
        checked={on}
        disabled={fixed}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      {label}
    </label>
  );
}
