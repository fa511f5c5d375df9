import type { ComponentChildren, Ref } from "preact";
import type { CommandId } from "../keys/commands.ts";
import { ariaKeysOf, labelOf } from "../keys/key-label.ts";
import { keymap } from "../keys/key-listener.ts";

interface Props {
  command: CommandId;
  onPress: () => void;
  children: ComponentChildren;
  class?: string;
  /** Why it does nothing now, in words; it dims and says so, but stays in the tab order. */
  muted?: string | null;
  pressed?: boolean;
  expanded?: boolean;
  buttonRef?: Ref<HTMLButtonElement>;
}

/** A button for a command, with its key printed on it. */
export function CommandButton({ command, onPress, children, muted, pressed, expanded, buttonRef, ...rest }: Props) {
  const label = labelOf(keymap.value, command);
  return (
    <button
      type="button"
      ref={buttonRef}
      class={rest.class}
      data-command={command}
      aria-keyshortcuts={ariaKeysOf(keymap.value, command)}
      aria-disabled={muted ? "true" : undefined}
      aria-pressed={pressed}
      aria-expanded={expanded}
      title={muted ?? undefined}
      onClick={() => !muted && onPress()}
    >
      {label && (
        <span class="key" aria-hidden="true">
          {label}
        </span>
      )}
      <span>{children}</span>
    </button>
  );
}
