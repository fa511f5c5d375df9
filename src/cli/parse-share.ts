import { InvalidArgumentError } from "commander";

/** "0.1%" or "0.001" → 0.001. @throws InvalidArgumentError */
export function parseShare(text: string): number {
  const [, number, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const share = Number(number) / (percent ? 100 : 1);
  if (share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError("must be a share from 0 to 1, or 0% to 100%.");
}
