/** From what the browser tells of a key to what the table of commands calls it. Pure: it takes the event's fields. */

export interface KeyFacts {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/**
 * The names under which a press may stand in the table, best first; none for a press that belongs to the browser.
 * Digits go by their place, as AZERTY types them with Shift only; letters by what they type, or by their place
 * where the layout is not Latin.
 */
export function namesOf(facts: KeyFacts): string[] {
  if (facts.altKey) return [];
  const mod = facts.ctrlKey || facts.metaKey;
  if (mod && facts.shiftKey) return [];
  return baseNames(facts).flatMap((name) => {
    if (mod) return [`Mod+${name}`];
    return facts.shiftKey ? shifted(name) : [name];
  });
}

const letterPlace = /^Key([A-Z])$/;

function baseNames({ key, code }: KeyFacts): string[] {
  if (code === "Space" || key === " ") return ["Space"];
  if (/^(Digit|Numpad)[0-9]$/.test(code)) return [code.replace("Numpad", "Digit"), ...(isSymbol(key) ? [key] : [])];
  if (/^[a-zA-Z]$/.test(key)) return [key.toLowerCase()];
  const place = letterPlace.exec(code)?.[1];
  if (place !== undefined && !isLatin(key)) return [place.toLowerCase(), key];
  return [key];
}

const isSymbol = (key: string) => key.length === 1 && !/[0-9a-z]/i.test(key);
const isLatin = (key: string) => /^\p{Script=Latin}$/u.test(key);

/** Shift makes another key of a letter, a digit or a named one; a sign is what it types, with Shift or without. */
function shifted(name: string): string[] {
  return name.length === 1 && isSymbol(name) ? [name] : [`Shift+${name}`];
}

/** Whether a press types a character, so that a setting can switch such shortcuts off (WCAG 2.1.4). */
export function isSingleCharacter(name: string): boolean {
  return name.length === 1 || name.startsWith("Digit") || /^[a-z] [a-z]$/.test(name);
}
