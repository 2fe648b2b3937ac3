// What refreshes itself. `data-live="<address>"` on an element: its content is asked for anew every `data-live-every`
// seconds (60 unless said otherwise) and takes the place of what is there where it has changed. The view is a fragment
// decorated with `core.http.live`, which answers 304 where nothing has; it knows the request by the header X-Live.
//
// Cheap and polite: nothing is asked while the tab is hidden (what is overdue is asked for when it is shown again), the
// moment differs from tab to tab, errors make the time longer, 401 (the session has ended) ends it for the whole page, 403
// and 404 for the element. It never extends a session, never leads to the login, and never takes away a field somebody
// is in. Scripts use `watch` for answers of their own.
import { say } from "./toasts.js";

const EVERY = 60;
const SLOWEST = 600;
const watched = new Set();
let over = false;

/** Ask `url` every `every` seconds and give `take` each changed answer; returns a function that asks now. */
export function watch({ url, every = EVERY, take, wanted = () => true, now = false }) {
  const one = { url, every, take, wanted, wait: every, etag: "", timer: 0, due: 0, busy: false };
  watched.add(one);
  plan(one, now ? 0 : spread(every));
  return () => plan(one, 0);
}

const spread = (seconds) => seconds * (0.85 + 0.3 * Math.random());

function plan(one, seconds) {
  clearTimeout(one.timer);
  one.due = Date.now() + seconds * 1000;
  if (!document.hidden && !over && watched.has(one)) one.timer = setTimeout(() => ask(one), seconds * 1000);
}

async function ask(one) {
  if (over || document.hidden || !watched.has(one)) return undefined;
  if (one.busy) return plan(one, 1);
  const wanted = one.wanted();
  if (wanted === null) watched.delete(one);
  if (wanted === null) return undefined;
  if (!wanted) return plan(one, Math.min(5, one.every));
  one.busy = true;
  try {
    await settle(one, await fetch(one.url, { headers: headersOf(one), cache: "no-store", credentials: "same-origin" }));
  } catch {
    slower(one); // no network
  }
  one.busy = false;
  return plan(one, spread(one.wait));
}

const headersOf = (one) => ({ "X-Live": "1", ...(one.etag && { "If-None-Match": one.etag }) });

async function settle(one, answer) {
  if (answer.status === 401) return end();
  if (answer.status === 403 || answer.status === 404) return watched.delete(one);
  if (answer.status !== 304 && (!answer.ok || answer.redirected)) return slower(one, answer.headers.get("Retry-After"));
  one.wait = one.every;
  if (answer.status !== 200) return undefined;
  const text = await answer.text();
  if (one.wanted() !== true) return undefined; // asked again when it can be taken: the old ETag stays
  one.etag = answer.headers.get("ETag") ?? "";
  return one.take(text);
}

function slower(one, asked) {
  one.wait = Math.min(Math.max(one.wait * 2, Number(asked) || 0), SLOWEST);
}

/** The session has ended: nothing is asked any more, and the page says so, for what is typed in it is not lost yet. */
function end() {
  over = true;
  for (const one of watched) clearTimeout(one.timer);
  const { liveEnded, liveLogin } = document.body.dataset;
  const back = encodeURIComponent(location.pathname + location.search);
  if (liveEnded) say("warning", liveEnded, `${liveLogin}?next=${back}`);
}

document.addEventListener("visibilitychange", () => {
  for (const one of watched) {
    if (document.hidden) clearTimeout(one.timer);
    else plan(one, Math.max(one.due - Date.now(), 0) / 1000);
  }
});

/** Whether the element can be refreshed: null where it is gone, false while somebody is at work in it. */
function free(element) {
  if (!element.isConnected) return null;
  return !element.querySelector(".dropdown-menu.show, dialog[open], :is(input, select, textarea):focus");
}

function begin(scope) {
  const found = [...(scope.querySelectorAll?.("[data-live]") ?? [])];
  if (scope.matches?.("[data-live]")) found.push(scope);
  for (const element of found) {
    if (element.dataset.liveOn) continue;
    element.dataset.liveOn = "1";
    watch({
      url: element.dataset.live,
      every: Number(element.dataset.liveEvery) || EVERY,
      wanted: () => free(element),
      take: (text) => window.htmx.swap(element, text, { swapStyle: "innerHTML" }),
    });
  }
}

begin(document);
document.addEventListener("htmx:load", (event) => begin(event.detail.elt));
