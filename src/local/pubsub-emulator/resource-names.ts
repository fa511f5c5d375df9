import { invalidArgument } from "./rpc-error.ts";

/** What the service calls a topic that is gone, in the subscriptions that it leaves behind. */
export const deletedTopic = "_deleted-topic_";

/**
 * The name, if it is `projects/PROJECT/topics/ID` (or subscriptions) with an ID as the service allows it.
 * @throws RpcError INVALID_ARGUMENT
 */
export function requireName(collection: "topics" | "subscriptions", name: string | null | undefined): string {
  const match = new RegExp(`^projects/[^/]+/${collection}/([A-Za-z][A-Za-z0-9._~%+-]{2,254})$`).exec(name ?? "");
  if (!match?.[1] || match[1].startsWith("goog")) {
    throw invalidArgument(
      `invalid name ${JSON.stringify(name ?? "")}: must be projects/PROJECT/${collection}/ID, where ID has 3 to 255 letters, digits or . _ ~ % + -, begins with a letter and not with "goog"`,
    );
  }
  return match[0];
}

/** One page of names in alphabetic order; the token is the last name of the page before. */
export function pageOfNames(
  names: Iterable<string>,
  options: { pageSize?: number | null; pageToken?: string | null },
): { names: string[]; nextPageToken: string } {
  const pageSize = options.pageSize || 1000;
  if (pageSize < 0) throw invalidArgument(`invalid page_size ${pageSize}: must not be negative`);
  const token = options.pageToken ?? "";
  const rest = [...names].filter((name) => name > token).sort();
  const page = rest.slice(0, pageSize);
  return { names: page, nextPageToken: rest.length > page.length ? (page.at(-1) ?? "") : "" };
}
