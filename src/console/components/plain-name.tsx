import { plainName } from "../strings/format.en.ts";

/**
 * A name that somebody else chose: kept apart from the text around it, control characters made visible, cut at 200
 * characters.
 */
export function PlainName({ children }: { children: string }) {
  return <bdi>{plainName(children)}</bdi>;
}
