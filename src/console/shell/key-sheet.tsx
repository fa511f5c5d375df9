import { Dialog } from "../components/dialog.tsx";
import type { CommandScope } from "../keys/commands.ts";
import { keyLabel } from "../keys/key-label.ts";
import { keymap } from "../keys/key-listener.ts";
import { commandEntries } from "../keys/keymap.ts";
import { me } from "../session/me.ts";
import { preferences } from "../session/preferences.ts";
import { keysText } from "../strings/keys.en.ts";
import { commandName } from "./command-name.ts";
import "./key-sheet.css";

const scopes = ["review", "choice", "queue", "incident", "ops", "everywhere"] as const satisfies CommandScope[];

/** Every key there is, as this person has them; actions by their configured names. */
export default function KeySheet({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={keysText.sheet.title} onClose={onClose} wide reading>
      {preferences.value?.singleKeys === false && <p>{keysText.sheet.off}</p>}
      <div class="key-sheet">
        {scopes.map((scope) => (
          <table key={scope}>
            <caption>{keysText.scope[scope]}</caption>
            <thead class="unseen">
              <tr>
                <th scope="col">{keysText.sheet.keys}</th>
                <th scope="col">{keysText.sheet.command}</th>
              </tr>
            </thead>
            <tbody>
              {rowsOf(scope).map(({ id, keys, name }) => (
                <tr key={id}>
                  <td>
                    {keys.map((key) => (
                      <kbd key={key}>{keyLabel(key)}</kbd>
                    ))}
                  </td>
                  <td>{name}</td>
                </tr>
              ))}
            </tbody>
          </table>
        ))}
      </div>
    </Dialog>
  );
}

function rowsOf(scope: CommandScope) {
  const actions = me.value?.actions ?? [];
  return commandEntries()
    .filter(([, command]) => command.scope === scope)
    .map(([id]) => ({ id, keys: keymap.value.get(id) ?? [], name: commandName(id, actions) }))
    .filter((row) => row.name !== null);
}
