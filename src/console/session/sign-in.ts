/** Signing in happens on the server's own pages: in this window, or in a pop-up while this page keeps what it has. */

const channelName = "briareus-session";
/** Where the pop-up ends up. */
export const returnPath = "/signed-in";

export function leaveToSignIn(): void {
  location.assign(signInAddress(location.pathname + location.search));
}

/** To be called on a click: browsers open no window otherwise. */
export function openSignInWindow(): void {
  open(signInAddress(returnPath), "briareus-sign-in", "popup,width=520,height=680");
}

const signInAddress = (returnTo: string) => `/auth/sign-in?${new URLSearchParams({ returnTo })}`;

/** Tells every tab of this browser that somebody has signed in. */
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
