// The bell: asks for the number of unread notifications when the page opens, every minute, and when it is shown again.
// Its own fetch, not htmx: a session that has ended must not take away the page in which somebody is typing.
const EVERY = 60_000;
const bell = document.querySelector("[data-bell]");

function show({ unread, text }) {
  for (const badge of document.querySelectorAll("[data-unread]")) {
    badge.textContent = text;
    badge.hidden = unread === 0;
  }
  bell.classList.toggle("has-unread", unread > 0);
  bell.setAttribute("aria-label", unread ? `${bell.dataset.label}: ${text}` : bell.dataset.label);
}

async function ask() {
  if (document.hidden) return;
  try {
    const answer = await fetch(bell.dataset.bell, { headers: { Accept: "application/json" } });
    if (answer.ok && !answer.redirected) show(await answer.json());
  } catch {
    // No network: the number stays as it is.
  }
}

if (bell) {
  ask();
  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);
}
