import { useId, useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import { Dialog } from "../components/dialog.tsx";
import type { CommandId } from "../keys/commands.ts";
import { labelOf } from "../keys/key-label.ts";
import { keymap } from "../keys/key-listener.ts";
import { commandEntries } from "../keys/keymap.ts";
import { me } from "../session/me.ts";
import { keysText } from "../strings/keys.en.ts";
import { toggleBreak } from "./break.ts";
import { commandName } from "./command-name.ts";
import { openLayer } from "./layers.tsx";
import { mayOpen, pageNames, pages } from "./pages.ts";
import "./command-list.css";

/** Commands by name, with their keys beside them, so that it teaches them. Those that decide are listed, not run. */
export default function CommandList({ onClose }: { onClose: () => void }) {
  const { route } = useLocation();
  const [text, setText] = useState("");
  const id = useId();
  const actions = me.value?.actions ?? [];
  const found = commandEntries().flatMap(([one]) => {
    const name = commandName(one, actions);
    return name?.toLowerCase().includes(text.toLowerCase()) ? [{ one, name }] : [];
  });
  const runOf = (one: CommandId): (() => void) | null => {
    const page = pageNames.find((name) => pages[name].command === one && mayOpen(name));
    if (page) return () => route(pages[page].path);
    if (one === "list.keys") return () => openLayer("keys");
    if (one === "review.break") return toggleBreak;
    return null;
  };
  const run = (one: CommandId) => {
    const act = runOf(one);
    if (!act) return;
    onClose();
    act();
  };
  const first = found.find(({ one }) => runOf(one))?.one;
  return (
    <Dialog title={keysText.list.title} onClose={onClose}>
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          if (first) run(first);
        }}
      >
        <label class="above" for={id}>
          {keysText.list.field}
          <input
            id={id}
            type="search"
            autocomplete="off"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
      </form>
      <ul class="bare command-list">
        {found.length === 0 && <li class="muted">{keysText.list.none}</li>}
        {found.map(({ one, name }) => (
          <li key={one}>
            {runOf(one) ? (
              <button type="button" class="plain" onClick={() => run(one)}>
                {name}
              </button>
            ) : (
              <span>{name}</span>
            )}
            {labelOf(keymap.value, one) && <kbd>{labelOf(keymap.value, one)}</kbd>}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
