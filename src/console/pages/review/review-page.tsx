import { useEffect, useState } from "preact/hooks";
import { me } from "../../session/me.ts";
import { useTitle } from "../../shell/use-title.ts";
import { reviewText } from "../../strings/review.en.ts";
import { type ReviewSession, startReview } from "./session/review-session.ts";
import { Workplace } from "./views/workplace.tsx";

/** Review, from the moment the page is opened until it is left. */
export default function ReviewPage() {
  useTitle(reviewText.title);
  const person = me.value;
  const [session, setSession] = useState<ReviewSession | null>(null);
  const userId = person?.user.id;
  useEffect(() => {
    const now = me.peek();
    if (!now) return;
    const started = startReview(now);
    setSession(started);
    return () => started.stop();
  }, [userId]);
  if (!session || !person) return <main id="content" class="review" />;
  return <Workplace session={session} me={person} />;
}
