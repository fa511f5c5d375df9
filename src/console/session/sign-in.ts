/** Ways to sign in: with the sign-in service, in this window or a pop-up, or at once on the machine itself. */
import { request } from "../api/request.ts";

const channelName = "briareus-session";
/** Where the sign-in service's pop-up ends up. */
export const returnPath = "/signed-in";

/** Whether one click may do; the server decides. */
export const onThisMachine = () => ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);

/** Throws RequestError where the server does not offer it. */
export const signInHere = () =>
  request<unknown>("/auth/local", { method: "POST", body: {}, waitForSignIn: false }).then(tellSignedIn);

export function leaveToSignIn(): void {
  location.assign(signInAddress(location.pathname + location.search));
}

/** To be called on a click: browsers open no window otherwise. */
export function openSignInWindow(): void {
  open(signInAddress(returnPath), "briareus-sign-in", "popup,width=520,height=680");
}

const signInAddress = (returnTo: string) => `/auth/sign-in?${new URLSearchParams({ returnTo })}`;

/** Tells every tab of this browser, this one included, that somebody has signed in. */
export function tellSignedIn(): void {
  const channel = new BroadcastChannel(channelName);
  channel.postMessage("signed-in");
  channel.close();
}

/** Calls `listener` when somebody has signed in, in whatever tab; returns the way to stop. */
export function onSignedIn(listener: () => void): () => void {
  const channel = new BroadcastChannel(channelName);
  channel.onmessage = listener;
  return () => channel.close();
}
