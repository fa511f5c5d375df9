import { Command, InvalidArgumentError } from "commander";
import { createKey } from "../review/access/api-keys.ts";
import { scopes as allScopes, Scope } from "../review/access/roles.ts";
import { appendActivity } from "../review/activity/append.ts";
import { openDatabase } from "../review/database/connection.ts";
import { migrateToLatest } from "../review/database/migrate.ts";
import { inTransaction } from "../review/database/transaction.ts";
import { createContext } from "./context.ts";
import { wholeNumber } from "./parse-options.ts";

export const reviewKeyCommand = new Command("review-key")
  .description("Make an API key for a machine, and print it this once")
  .requiredOption("--name <text>", "what it is for, as admins see it")
  .requiredOption("--scopes <list>", `what it may do, separated by commas: ${allScopes.join(", ")}`, parseScopes)
  .option("--days <n>", "days until it expires", wholeNumber(1, 730), 90)
  .addHelpText(
    "after",
    `
Example:
  briareus review-key --name "encoder farm" --scopes ingest --days 90

The database keeps only a hash. Admins list and revoke keys in the console.`,
  )
  .action(async ({ name, scopes, days }: { name: string; scopes: Scope[]; days: number }) => {
    const { settings, log } = createContext("review-key");
    const db = openDatabase(settings.database.url, { log, connections: 1 });
    try {
      await migrateToLatest(db);
      const { secret } = await inTransaction(db, async (inside) => {
        const key = await createKey(inside, { name, scopes, expiresInDays: days }, null, Date.now());
        const { id, expiresAt } = key;
        const details = { id, name, scopes, expiresAt, how: "command line" };
        await appendActivity(inside, { actor: "system", kind: "key-created", details });
        return key;
      });
      console.log(secret);
    } finally {
      await db.destroy();
    }
  });

function parseScopes(text: string): Scope[] {
  return text.split(",").map((part) => {
    const scope = Scope.safeParse(part.trim());
    if (scope.success) return scope.data;
    throw new InvalidArgumentError(`"${part.trim()}" is none of ${allScopes.join(", ")}.`);
  });
}
