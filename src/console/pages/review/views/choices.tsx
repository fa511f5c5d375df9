import { useEffect, useRef } from "preact/hooks";
import { CommandButton } from "../../../components/command-button.tsx";
import type { CommandId } from "../../../keys/commands.ts";
import type { KeyHandler } from "../../../keys/key-listener.ts";
import { useKeys } from "../../../keys/use-keys.ts";

interface Props {
  title: string;
  choices: readonly { id: string; label: string }[];
  onChoose: (id: string) => void;
  onClose: () => void;
}

const digits = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

/** A short list over the actions: a digit or a click chooses, Esc closes. Those after the ninth have no key. */
export function Choices({ title, choices, onChoose, onClose }: Props) {
  const list = useRef<HTMLFieldSetElement>(null);
  const handlers = Object.fromEntries(
    digits.map((digit) => [
      `choice.${digit}`,
      () => {
        const chosen = choices[digit - 1];
        if (chosen) onChoose(chosen.id);
      },
    ]),
  ) as Partial<Record<CommandId, KeyHandler>>;
  useKeys("choice", handlers);
  useEffect(() => {
    const before = document.activeElement;
    list.current?.querySelector("button")?.focus();
    const outside = (event: PointerEvent) => {
      if (event.target instanceof Node && !list.current?.contains(event.target)) onClose();
    };
    addEventListener("pointerdown", outside, { capture: true });
    return () => {
      removeEventListener("pointerdown", outside, { capture: true });
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <fieldset ref={list} class="choices">
      <legend>{title}</legend>
      {choices.map(({ id, label }, at) => {
        const digit = digits[at];
        return digit ? (
          <CommandButton key={id} command={`choice.${digit}`} onPress={() => onChoose(id)}>
            {label}
          </CommandButton>
        ) : (
          <button key={id} type="button" onClick={() => onChoose(id)}>
            {label}
          </button>
        );
      })}
    </fieldset>
  );
}
