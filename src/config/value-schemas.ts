/** How the values of environment variables are read, and what is said when one is wrong. */
import { z } from "zod";

export const list = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);

export const whole = (minimum: number, maximum: number) =>
  z.coerce
    .number(`must be a whole number from ${minimum} to ${maximum}`)
    .int(`must be a whole number from ${minimum} to ${maximum}`)
    .min(minimum, `must be at least ${minimum}`)
    .max(maximum, `must be at most ${maximum}`);

export const share = z.coerce
  .number("must be a number from 0 to 1")
  .min(0, "must be at least 0")
  .max(1, "must be at most 1");

export const url = (...schemes: string[]) =>
  z
    .string()
    .refine(
      (text) => schemes.some((scheme) => text.startsWith(`${scheme}://`)),
      `must begin with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}`,
    );

export const address = z
  .string()
  .refine(
    (text) => Number(/^[^\s/]+:(\d{1,5})$/.exec(text)?.[1]) <= 65_535,
    "must be HOST:PORT without a scheme, such as 127.0.0.1:8001",
  );

/** With a password or a session cookie on the way, plain HTTP is for loopback only. */
export const webAddress = z.string().refine((text) => {
  const { protocol, hostname } = URL.parse(text) ?? {};
  return protocol === "https:" || (protocol === "http:" && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname ?? ""));
}, "must begin with https://, or with http:// and an address of this machine");

export const roleMapping = list
  .transform((entries) => entries.map((entry) => [entry.slice(0, entry.lastIndexOf("=")), entry.split("=").at(-1)]))
  .pipe(
    z.array(
      z.tuple([
        z.string().min(1, "must be GROUP=ROLE, separated by commas"),
        z.enum(["viewer", "moderator", "lead", "admin"]),
      ]),
    ),
  )
  .transform((entries) => new Map(entries));

const poolWords = "must be MIN..MAX@GOALs with MIN at most MAX, such as 1..10@3s";
/** "1..10@3s": from 1 to 10 worker processes, and what is there shall be done within 3 seconds. */
export const poolRange = z
  .string()
  .transform((text) => /^(\d{1,4})\.\.(\d{1,4})@(\d{1,4}(?:\.\d+)?)s$/.exec(text)?.slice(1).map(Number))
  .refine((parts) => parts !== undefined, poolWords)
  .transform(([min = 0, max = 0, goalSeconds = 0] = []) => ({ min, max, goalMs: goalSeconds * 1000 }))
  .refine(({ min, max, goalMs }) => min <= max && max > 0 && goalMs >= 100, poolWords);

/** The value of an empty optional variable is undefined. */
export const optional = <T>(schema: z.ZodType<T>) => z.union([z.literal("").transform(() => undefined), schema]);
