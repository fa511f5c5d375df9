/**
 * Protobuf's text format (https://protobuf.dev/reference/protobuf/textformat-spec), as far as a config.pbtxt uses
 * it: scalars, strings, enums, messages in braces or angle brackets, and lists. Without a schema one cannot tell
 * a repeated field from a single one, so every field is a list here.
 */
export type TextMessage = Map<string, TextValue[]>;

export interface TextValue {
  /** A word is an enum's value, true or false. */
  value: string | number | boolean | TextMessage;
  /** Line on which the value begins, from 1. */
  line: number;
}

/** The text cannot be parsed; the message says on which line. */
export class TextFormatError extends Error {
  readonly code = "text-format";
  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
    this.name = "TextFormatError";
  }
}

/** @throws TextFormatError */
export function parseTextFormat(text: string): TextMessage {
  const tokens = tokensOf(text);
  let position = 0;
  const peek = () => tokens[position] ?? { text: "the end", kind: "end" as const, line: lastLine };
  const lastLine = tokens.at(-1)?.line ?? 1;
  const take = () => {
    const token = peek();
    position++;
    return token;
  };
  const skip = (...texts: string[]) => {
    const found = peek().kind === "mark" && texts.includes(peek().text);
    if (found) position++;
    return found;
  };
  const expect = (wanted: string) => {
    const token = take();
    if (token.text !== wanted) throw new TextFormatError(token.line, `expected "${wanted}", found ${token.text}`);
  };

  const parseMessage = (end: string | undefined): TextMessage => {
    const message: TextMessage = new Map();
    while (end === undefined ? peek().kind !== "end" : !skip(end)) {
      const name = take();
      if (name.kind !== "word") throw new TextFormatError(name.line, `expected a field's name, found ${name.text}`);
      const hasColon = skip(":");
      const values = message.get(name.text) ?? [];
      message.set(name.text, values);
      if (skip("[")) {
        while (!skip("]")) {
          values.push(parseValue(name.text, true));
          if (!skip(",") && peek().text !== "]") expect("]");
        }
      } else {
        values.push(parseValue(name.text, hasColon));
      }
      skip(",", ";");
    }
    return message;
  };

  const parseValue = (field: string, scalarAllowed: boolean): TextValue => {
    const token = take();
    const { line } = token;
    if (token.kind === "mark" && token.text === "{") return { value: parseMessage("}"), line };
    if (token.kind === "mark" && token.text === "<") return { value: parseMessage(">"), line };
    if (!scalarAllowed) throw new TextFormatError(line, `${field}: expected ":" before ${token.text}`);
    if (token.kind === "number") return { value: Number(token.text.replace(/f$/i, "")), line };
    if (token.kind === "word") return { value: wordValue(token.text), line };
    if (token.kind !== "string") throw new TextFormatError(line, `${field}: expected a value, found ${token.text}`);
    let value = unquoted(token);
    while (peek().kind === "string") value += unquoted(take());
    return { value, line };
  };

  return parseMessage(undefined);
}

interface Token {
  kind: "word" | "number" | "string" | "mark" | "end";
  text: string;
  line: number;
}

const tokenPattern =
  /(?<space>[\s]+|#.*)|(?<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<number>[+-]?(?:0x[0-9a-f]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?f?)(?!\w))|(?<word>[a-z_]\w*)|(?<mark>[{}<>[\]:,;])/iy;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < text.length) {
    const at = tokenPattern.lastIndex;
    const groups = tokenPattern.exec(text)?.groups;
    if (!groups)
      throw new TextFormatError(line, `cannot read ${JSON.stringify(text.slice(at, at + 20).split("\n")[0])}`);
    for (const kind of ["word", "number", "string", "mark"] as const) {
      const found = groups[kind];
      if (found !== undefined) tokens.push({ kind, text: found, line });
    }
    line += groups.space?.match(/\n/g)?.length ?? 0;
  }
  return tokens;
}

function wordValue(word: string): string | boolean {
  if (word === "true") return true;
  return word === "false" ? false : word;
}

const escapes: Record<string, string> = { n: "\n", t: "\t", r: "\r", '"': '"', "'": "'", "\\": "\\" };

function unquoted({ text, line }: Token): string {
  return text.slice(1, -1).replace(/\\(.)/g, (_, letter: string) => {
    const character = escapes[letter];
    if (character === undefined) throw new TextFormatError(line, `the escape \\${letter} in ${text} is not supported`);
    return character;
  });
}
