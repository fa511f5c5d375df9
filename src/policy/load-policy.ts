import { readFile } from "node:fs/promises";
import { type Document, LineCounter, type ParsedNode, parseDocument } from "yaml";
import type { z } from "zod";
import { Policy } from "./policy.ts";

/** The policy cannot be used; the message names file, line and field. */
export class PolicyError extends Error {
  readonly code = "policy";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "PolicyError";
  }
}

/** @throws PolicyError when the file cannot be read or is no valid policy */
export async function loadPolicy(path: string): Promise<Policy> {
  const text = await readFile(path, "utf8").catch((error: Error) => {
    throw new PolicyError(`the policy ${path} cannot be read: ${error.message}; set BRIAREUS_POLICY to a policy file`, {
      cause: error,
    });
  });
  return parsePolicy(text, path);
}

/** @param name of the source, for messages. @throws PolicyError */
export function parsePolicy(text: string, name: string): Policy {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors[0];
  if (broken) throw new PolicyError(`${name}:${lines.linePos(broken.pos[0]).line}: ${broken.message}`);

  const parsed = Policy.safeParse(valuesOf(document, name));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const line = lineOf(issue, (path) => document.getIn(path, true), lines);
    return `${name}:${line}: ${issue.path.join(".") || "the file"}: ${inWords(issue)}`;
  });
  throw new PolicyError(problems.join("\n"));
}

/** Aliases are followed only now: one of nothing, or one too many, is found here. */
function valuesOf(document: Document.Parsed, name: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new PolicyError(`${name}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/** The line of the field, or of the nearest one around it when the field is missing. */
function lineOf(issue: z.core.$ZodIssue, nodeAt: (path: PropertyKey[]) => unknown, lines: LineCounter): number {
  for (let length = issue.path.length; length >= 0; length--) {
    const range = (nodeAt(issue.path.slice(0, length)) as ParsedNode | undefined)?.range;
    if (range) return lines.linePos(range[0]).line;
  }
  return 1;
}

function inWords(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") return `unknown field ${issue.keys.join(", ")}`;
  return issue.message.replace(/^Invalid input: /, "");
}
