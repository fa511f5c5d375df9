import { useEffect } from "preact/hooks";
import { signInNeeded } from "../api/request.ts";
import { Dialog } from "../components/dialog.tsx";
import { openSession, session } from "../session/me.ts";
import { leaveToSignIn, onSignedIn, openSignInWindow, tellSignedIn } from "../session/sign-in.ts";
import { shellText } from "../strings/shell.en.ts";

/** Before anything else: nobody is signed in. */
export function SignInPage() {
  useEffect(() => onSignedIn(openSession), []);
  return (
    <main class="page" id="content">
      <section class="card stack sign-in">
        <h1>{shellText.signIn.title}</h1>
        <p>{shellText.signIn.words}</p>
        <button type="button" class="primary" onClick={leaveToSignIn}>
          {shellText.signIn.button}
        </button>
      </section>
    </main>
  );
}

/** The session ended while the page was in use: what was written stays, and requests wait behind this dialog. */
export function SessionExpired() {
  const needed = signInNeeded.value;
  if (!needed) return null;
  return <SignInAgain {...needed} />;
}

function SignInAgain({ resume, giveUp }: { resume: () => void; giveUp: () => void }) {
  useEffect(
    () =>
      onSignedIn(async () => {
        await openSession();
        if (session.peek().state === "signed-in") resume();
      }),
    [resume],
  );
  const leave = () => {
    giveUp();
    session.value = { state: "signed-out" };
  };
  return (
    <Dialog
      title={shellText.signIn.expiredTitle}
      onClose={() => {}}
      actions={
        <>
          <button type="button" onClick={leave}>
            {shellText.signIn.giveUp}
          </button>
          <button type="button" class="primary" onClick={openSignInWindow}>
            {shellText.signIn.button}
          </button>
        </>
      }
    >
      <p>{shellText.signIn.expiredWords}</p>
    </Dialog>
  );
}

/** Where the pop-up ends: it tells the page that waits, and closes. */
export function SignedInPage() {
  useEffect(() => {
    tellSignedIn();
    close();
  }, []);
  return (
    <main class="page" id="content">
      <h1>{shellText.signIn.returned}</h1>
    </main>
  );
}
