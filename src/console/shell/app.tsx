import { useEffect } from "preact/hooks";
import { ErrorBoundary } from "preact-iso/lazy";
import { LocationProvider, Route, Router, useLocation } from "preact-iso/router";
import { connection, watchNetwork } from "../api/connection.ts";
import { startEventStream } from "../api/event-stream.ts";
import { startClock } from "../api/server-clock.ts";
import { Failed } from "../components/panel-states.tsx";
import { listenForKeys } from "../keys/key-listener.ts";
import { useKeys } from "../keys/use-keys.ts";
import { openSession, session } from "../session/me.ts";
import { applyPreferences, preferences } from "../session/preferences.ts";
import { returnPath } from "../session/sign-in.ts";
import { shellText } from "../strings/shell.en.ts";
import { announceNow, LiveRegions } from "./announce.tsx";
import { Bar } from "./bar.tsx";
import { Layers, openLayer } from "./layers.tsx";
import { lazyPage } from "./lazy-page.tsx";
import { homePath, mayOpen, type PageName, pages } from "./pages.ts";
import { SessionExpired, SignedInPage, SignInPage } from "./sign-in.tsx";
import { followWaiting } from "./waiting.ts";

const Review = lazyPage(() => import("../pages/review/review-page.tsx"));
const Queue = lazyPage(() => import("../pages/queue/queue-page.tsx"));
const Incident = lazyPage(() => import("../pages/incident/incident-page.tsx"));
const Quality = lazyPage(() => import("../pages/quality/quality-page.tsx"));
const Ops = lazyPage(() => import("../pages/ops/ops-page.tsx"));
const Admin = lazyPage(() => import("../pages/admin/admin-page.tsx"));

/** The whole console: nothing until it is known who is signed in, then the bar and a page. */
export function App() {
  useEffect(() => {
    const stop = [startClock(), listenForKeys(), watchNetwork()];
    void openSession();
    return () => {
      for (const one of stop) one();
    };
  }, []);
  return (
    <LocationProvider>
      <a class="skip-link" href="#content">
        {shellText.skip}
      </a>
      <Content />
      <SessionExpired />
      <LiveRegions />
    </LocationProvider>
  );
}

function Content() {
  const { path } = useLocation();
  const now = session.value;
  if (path === returnPath) return <SignedInPage />;
  if (now.state === "asking") return null;
  if (now.state === "signed-out") return <SignInPage />;
  if (now.state === "failed") {
    return (
      <main class="page" id="content">
        <Failed what={shellText.failedToStart} error={now.error} onRetry={openSession} />
      </main>
    );
  }
  return <SignedIn />;
}

function SignedIn() {
  const { route, path } = useLocation();
  useEffect(() => {
    const stop = [startEventStream(), followWaiting()];
    return () => {
      for (const one of stop) one();
    };
  }, []);
  const own = preferences.value;
  useEffect(() => {
    if (own) applyPreferences(document.documentElement, own);
  }, [own]);
  useConnectionWords();
  const go = (name: PageName) => () => mayOpen(name) && route(pages[name].path);
  useKeys("everywhere", {
    "page.review": go("review"),
    "page.queue": go("queue"),
    "page.quality": go("quality"),
    "page.ops": go("ops"),
    "page.admin": go("admin"),
    "list.keys": () => openLayer("keys"),
    "list.commands": () => openLayer("commands"),
  });
  useEffect(() => {
    if (path === "/") route(homePath(), true);
  }, [path, route]);
  return (
    <>
      <Bar />
      <ErrorBoundary>
        <Router>
          <Route path="/" component={Nothing} />
          <Route path="/review" component={mayOpen("review") ? Review : NotAllowed} />
          <Route path="/queue" component={Queue} />
          <Route path="/incidents/:id" component={Incident} />
          <Route path="/quality" component={Quality} />
          <Route path="/ops" component={mayOpen("ops") ? Ops : NotAllowed} />
          {mayOpen("admin") ? (
            <Route path="/admin/:section?" component={Admin} />
          ) : (
            <Route path="/admin/*" component={NotAllowed} />
          )}
          <Route default component={NotFound} />
        </Router>
      </ErrorBoundary>
      <Layers />
    </>
  );
}

/** Lost and found again, said once each. */
function useConnectionWords(): void {
  const lost = connection.value === "lost";
  useEffect(() => {
    if (!lost) return;
    announceNow(shellText.lostSpoken);
    return () => announceNow(shellText.backSpoken);
  }, [lost]);
}

const Nothing = () => <main class="page" id="content" />;

const NotFound = () => (
  <main class="page" id="content">
    <h1>{shellText.page.none}</h1>
    <p>{shellText.notFound}</p>
  </main>
);

const NotAllowed = () => {
  const { path } = useLocation();
  const page = Object.values(pages).find((one) => path.startsWith(one.path)) ?? pages.review;
  return (
    <main class="page" id="content">
      <h1>{shellText.page.none}</h1>
      <p>{"scope" in page ? shellText.notAllowedScope(page.scope) : shellText.notAllowed(page.least)}</p>
    </main>
  );
};
