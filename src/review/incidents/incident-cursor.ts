import { z } from "zod";
import { ReviewError } from "../review-error.ts";

/** `priority`: highest first. `waiting`: oldest first. `target`: the one due next first. Equal ones by id. */
const incidentSorts = ["priority", "waiting", "target"] as const;
export const IncidentSort = z.enum(incidentSorts);
export type IncidentSort = z.infer<typeof IncidentSort>;

/** Within what Postgres takes as a number of points and as a moment. */
const Key = z.number().min(-1e16).max(1e16);
const Position = z.tuple([IncidentSort, Key, z.int()]);

/** The place of a row in an order, opaque to clients. */
export function encodeCursor({ sort, key, id }: { sort: IncidentSort; key: number; id: number }): string {
  return Buffer.from(JSON.stringify([sort, key, id])).toString("base64url");
}

/** @throws ReviewError `invalid` for a text that is no cursor, or one of another order */
export function decodeCursor(cursor: string, sort: IncidentSort): { key: number; id: number } {
  const position = Position.safeParse(parsed(Buffer.from(cursor, "base64url").toString()));
  if (!position.success || position.data[0] !== sort)
    throw new ReviewError("invalid", "The cursor is not of this list and order: begin again without one.");
  return { key: position.data[1], id: position.data[2] };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
