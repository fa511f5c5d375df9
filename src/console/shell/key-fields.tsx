import { useState } from "preact/hooks";
import type { CommandId } from "../keys/commands.ts";
import { keyLabel } from "../keys/key-label.ts";
import { namesOf } from "../keys/key-press.ts";
import { clashesOf, commandEntries, keymapOf } from "../keys/keymap.ts";
import { keysText } from "../strings/keys.en.ts";
import { preferencesText as text } from "../strings/preferences.en.ts";

interface Props {
  /** Command → key, where it differs from the table. */
  keys: Readonly<Record<string, string>>;
  onChange: (keys: Record<string, string>) => void;
}

/** Keys that belong to the browser or to moving through a page. */
const reserved = ["Tab", "Backspace", "Escape", "Enter", "Space", "Shift", "Control", "Alt", "Meta"];

/** A field for each command's key: press the key there. One that is taken is refused, with the command that has it. */
export function KeyFields({ keys, onChange }: Props) {
  const [refused, setRefused] = useState<string | null>(null);
  const keymap = keymapOf(keys);
  const take = (id: CommandId, name: string) => {
    const next = { ...keys, [id]: name };
    const clash = clashesOf(keymapOf(next)).find(({ commands }) => commands.includes(id));
    const other = clash?.commands.find((one) => one !== id);
    setRefused(other ? text.keyClash(keyLabel(name), keysText.command(other)) : null);
    if (!other) onChange(next);
  };
  return (
    <details>
      <summary>{text.keys}</summary>
      {refused && <p role="alert">{refused}</p>}
      <table>
        <tbody>
          {commandEntries()
            .filter(([, command]) => !command.fixed && !command.keys.some((key) => key.includes(" ")))
            .map(([id]) => (
              <tr key={id}>
                <th scope="row">{keysText.command(id)}</th>
                <td>
                  <input
                    size={8}
                    aria-label={text.keyOf(keysText.command(id))}
                    value={keyLabel(keymap.get(id)?.[0] ?? "")}
                    onKeyDown={(event) => {
                      const name = namesOf(event)[0];
                      if (!name || reserved.some((one) => name === one || name.endsWith(`+${one}`))) return;
                      event.preventDefault();
                      take(id, name);
                    }}
                    readOnly
                  />
                </td>
              </tr>
            ))}
        </tbody>
      </table>
      <button
        type="button"
        onClick={() => {
          setRefused(null);
          onChange({});
        }}
      >
        {text.resetKeys}
      </button>
    </details>
  );
}
