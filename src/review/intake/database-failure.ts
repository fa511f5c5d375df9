/** What an error of the database says of the data: nothing, or that they will never be taken. */
import { IntakeRaceError } from "./write-incidents.ts";

/** SQLSTATE: serialization failure, deadlock; unique and foreign keys that another transaction was faster at. */
const passing = ["40001", "40P01", "23505", "23503"];
/** SQLSTATE classes: data exception, integrity constraint violation, program limit exceeded. */
const dataAtFault = ["22", "23", "54"];

/** The same again at once may well succeed: another transaction was in the way. */
export function isPassing(error: unknown): boolean {
  return error instanceof IntakeRaceError || passing.includes(sqlState(error));
}

/**
 * It lies in the data, and will be so each time. Everything else is the database's, or the way's to it: it is
 * away, full, shutting down, migrating.
 */
export function isRefusal(error: unknown): boolean {
  return dataAtFault.includes(sqlState(error).slice(0, 2)) || error instanceof TypeError || error instanceof RangeError;
}

function sqlState(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? code : "";
}
