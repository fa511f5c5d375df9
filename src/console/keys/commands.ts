/**
 * The one table of what keys do. The handler, the keys printed on buttons, `aria-keyshortcuts`, the sheet, the command
 * list and the documentation all read it; a test fails when two commands that can be live at once share a key.
 *
 * A key is written as its letter ("a", by what it types), as the place of a digit ("Digit1", whatever it types), or as
 * its name ("Space", "ArrowLeft"). "Mod+" is Ctrl or ⌘, "Shift+" is Shift; "g r" is one key after the other.
 */

/** `acts` changes something on the server and passes the whole gate; the others are safe at any moment. */
export type CommandKind = "acts" | "look" | "draft" | "goes";

/** Where a command is live. `choice` is a list opened by C or S, and hides `review` while it is open. */
export type CommandScope = "everywhere" | "review" | "queue" | "incident" | "ops" | "choice";

export interface Command {
  scope: CommandScope;
  kind: CommandKind;
  keys: readonly string[];
  /** Held keys repeat it: moving through lists and frames. */
  repeats?: boolean;
  /** Live while somebody types, too: keys that no text needs. */
  whileTyping?: boolean;
  /** Its key cannot be changed: it would confuse more than it helps. */
  fixed?: boolean;
}

const digits = (count: number, make: (place: number) => string) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [make(at + 1), `Digit${at + 1}`]));

const placed = (count: number, name: string, command: Omit<Command, "keys">): Record<string, Command> =>
  Object.fromEntries(
    Object.entries(digits(count, (place) => `${name}.${place}`)).map(([id, key]) => [id, { ...command, keys: [key] }]),
  );

const review = {
  "review.look": { scope: "review", kind: "look", keys: ["Space"], fixed: true },
  "review.look-colour": { scope: "review", kind: "look", keys: ["Shift+Space"], fixed: true },
  "review.frame-before": { scope: "review", kind: "look", keys: ["ArrowLeft"], repeats: true },
  "review.frame-after": { scope: "review", kind: "look", keys: ["ArrowRight"], repeats: true },
  "review.frame-first": { scope: "review", kind: "look", keys: ["Home"] },
  "review.frame-last": { scope: "review", kind: "look", keys: ["End"] },
  "review.frame-peak": { scope: "review", kind: "look", keys: ["f"] },
  "review.larger": { scope: "review", kind: "look", keys: ["+", "="] },
  "review.smaller": { scope: "review", kind: "look", keys: ["-"] },
  "review.no-violation": { scope: "review", kind: "acts", keys: ["a"] },
  ...placed(8, "review.action", { scope: "review", kind: "acts" }),
  "review.commit": { scope: "review", kind: "acts", keys: ["Enter"], fixed: true },
  "review.category": { scope: "review", kind: "draft", keys: ["c"] },
  "review.escalate": { scope: "review", kind: "draft", keys: ["e"] },
  "review.skip": { scope: "review", kind: "draft", keys: ["s"] },
  "review.undo": { scope: "review", kind: "acts", keys: ["z", "Mod+z"] },
  "review.break": { scope: "review", kind: "goes", keys: ["b"] },
  "review.note": { scope: "review", kind: "goes", keys: ["n"] },
  "review.policy": { scope: "review", kind: "goes", keys: ["p"] },
  "review.history": { scope: "review", kind: "goes", keys: ["h"] },
  "review.incident": { scope: "review", kind: "goes", keys: ["i"] },
} as const satisfies Record<string, Command>;

const queue = {
  "queue.next": { scope: "queue", kind: "goes", keys: ["j", "ArrowDown"], repeats: true },
  "queue.previous": { scope: "queue", kind: "goes", keys: ["k", "ArrowUp"], repeats: true },
  "queue.first": { scope: "queue", kind: "goes", keys: ["Home"] },
  "queue.last": { scope: "queue", kind: "goes", keys: ["End"] },
  "queue.select": { scope: "queue", kind: "goes", keys: ["x"] },
  "queue.open": { scope: "queue", kind: "goes", keys: ["Enter"], fixed: true },
  "queue.search": { scope: "queue", kind: "goes", keys: ["/"] },
} as const satisfies Record<string, Command>;

const incident = {
  "incident.look": { scope: "incident", kind: "look", keys: ["Space"], fixed: true },
  "incident.look-colour": { scope: "incident", kind: "look", keys: ["Shift+Space"], fixed: true },
  "incident.frame-before": { scope: "incident", kind: "look", keys: ["ArrowLeft"], repeats: true },
  "incident.frame-after": { scope: "incident", kind: "look", keys: ["ArrowRight"], repeats: true },
  "incident.frame-first": { scope: "incident", kind: "look", keys: ["Home"] },
  "incident.frame-last": { scope: "incident", kind: "look", keys: ["End"] },
  "incident.frame-peak": { scope: "incident", kind: "look", keys: ["f"] },
} as const satisfies Record<string, Command>;

const ops = {
  "ops.pool-before": { scope: "ops", kind: "goes", keys: ["ArrowLeft"], repeats: true },
  "ops.pool-after": { scope: "ops", kind: "goes", keys: ["ArrowRight"], repeats: true },
  "ops.draft": { scope: "ops", kind: "draft", keys: ["t"] },
  "ops.try": { scope: "ops", kind: "acts", keys: ["Mod+Enter"], whileTyping: true, fixed: true },
} as const satisfies Record<string, Command>;

const everywhere = {
  cover: { scope: "everywhere", kind: "look", keys: ["Escape"], whileTyping: true, fixed: true },
  "page.review": { scope: "everywhere", kind: "goes", keys: ["g r"] },
  "page.queue": { scope: "everywhere", kind: "goes", keys: ["g q"] },
  "page.quality": { scope: "everywhere", kind: "goes", keys: ["g y"] },
  "page.ops": { scope: "everywhere", kind: "goes", keys: ["g o"] },
  "page.admin": { scope: "everywhere", kind: "goes", keys: ["g a"] },
  "list.commands": { scope: "everywhere", kind: "goes", keys: ["Mod+k"], whileTyping: true },
  "list.keys": { scope: "everywhere", kind: "goes", keys: ["?"] },
} as const satisfies Record<string, Command>;

export const commands: Readonly<Record<string, Command>> = {
  ...everywhere,
  ...review,
  ...placed(9, "choice", { scope: "choice", kind: "draft" }),
  ...queue,
  ...incident,
  ...ops,
};

type Place = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
export type CommandId =
  | keyof typeof everywhere
  | Exclude<keyof typeof review, symbol | number>
  | keyof typeof queue
  | keyof typeof incident
  | keyof typeof ops
  | `review.action.${Place}`
  | `choice.${Place}`;

/** Scopes that may be live at the same time, on each page. */
export const liveTogether: readonly (readonly CommandScope[])[] = [
  ["everywhere", "review"],
  ["everywhere", "choice"],
  ["everywhere", "queue"],
  ["everywhere", "incident"],
  ["everywhere", "ops"],
];
