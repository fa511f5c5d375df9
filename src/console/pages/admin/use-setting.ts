import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { ReviewSetting, ReviewSettingName } from "../../../review/contract/admin.ts";
import { changeSetting, readSetting } from "../../api/admin-api.ts";
import { RequestError } from "../../api/request-error.ts";
import { openSession } from "../../session/me.ts";
import { adminText } from "../../strings/admin.en.ts";
import { shellText } from "../../strings/shell.en.ts";

export type Saving =
  | { state: "idle" }
  | { state: "saving" }
  | { state: "saved" }
  | { state: "failed"; message: string }
  /** Another version was saved meanwhile: `theirs` is in force. */
  | { state: "stale"; theirs: ReviewSetting; mine: Record<string, unknown> };

/**
 * A named setting and the way to change it. A change is made from the version that was read; when another was saved
 * meanwhile, nothing is written and both are given.
 */
export function useSetting(name: ReviewSettingName) {
  const { data, error, refetch } = useQuery({
    queryKey: ["setting", name],
    queryFn: () => readSetting(name),
    // What is being edited must not change under the hands.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const [saving, setSaving] = useState<Saving>({ state: "idle" });
  const save = async (value: Record<string, unknown>, version: number): Promise<boolean> => {
    setSaving({ state: "saving" });
    try {
      await changeSetting(name, { value, version });
      await refetch();
      setSaving({ state: "saved" });
      // Actions, limits and targets are part of what the page was told at sign-in.
      void openSession();
      return true;
    } catch (failure) {
      setSaving(await outcomeOf(failure, name, value));
      return false;
    }
  };
  const takeTheirs = async () => {
    await refetch();
    setSaving({ state: "idle" });
  };
  return { setting: data ?? null, error, retry: () => void refetch(), saving, setSaving, save, takeTheirs };
}

async function outcomeOf(failure: unknown, name: ReviewSettingName, mine: Record<string, unknown>): Promise<Saving> {
  if (!(failure instanceof RequestError)) return { state: "failed", message: shellText.unexpected };
  if (failure.code !== "stale-version") return { state: "failed", message: failure.message };
  try {
    return { state: "stale", theirs: await readSetting(name), mine };
  } catch {
    return { state: "failed", message: `${adminText.stale.title}. ${failure.message}` };
  }
}
