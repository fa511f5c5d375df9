/** What went wrong on the way to the server, where the server itself could not say. */
export const apiText = {
  offline: "The server cannot be reached.",
  unreadable: "Something between this page and the server answered in its place. Try again.",
  signedOut: "You are signed out.",
};
