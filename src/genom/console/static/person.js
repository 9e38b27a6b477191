// The person's page: strip, chips without a page load, live updates, dialogs.
import { strip } from "./strip.js";
import { stream } from "./stream.js";
import "./dialog.js";

let slider = strip();
const parts = ["badges", "genome", "why", "timeline", "genes"];

// Takes parts of the page anew from the server; what is open, focused or scrolled stays so.
async function renew(url, ids = parts) {
  const reply = await fetch(url, { headers: { accept: "text/html" } }).catch(() => null);
  if (!reply?.ok) return false;
  const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
  const focused = document.activeElement, kept = focused?.id || focused?.value, at = slider.at();
  const open = [...document.querySelectorAll("details[open]")].map((each) => each.id);
  const known = new Set([...document.querySelectorAll("#entries [data-key]")].map((each) => each.dataset.key));
  for (const id of ids) {
    const mine = document.getElementById(id), theirs = fresh.getElementById(id);
    if (mine && theirs && mine.outerHTML !== theirs.outerHTML) mine.replaceWith(document.adoptNode(theirs));
  }
  for (const each of document.querySelectorAll("#entries [data-key]")) if (known.size && !known.has(each.dataset.key)) each.classList.add("new");
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (ids.includes("genome")) { slider = strip(at); hide(); }
  if (kept && !document.contains(focused)) (document.getElementById(kept) ?? document.querySelector(`.chip[value="${CSS.escape(kept)}"]`))?.focus();
  return true;
}

// A chip changes the table and the address, so that reload and Back show the same.
document.addEventListener("submit", async (event) => {
  if (event.target.id !== "chips") return;
  event.preventDefault();
  const asked = new URLSearchParams(new FormData(event.target, event.submitter));
  const url = `${location.pathname}?${asked}`;
  if (await renew(url, ["genome", "genes"])) history.pushState(null, "", url);
  else location.assign(url);
});
window.addEventListener("popstate", () => renew(location.href));
document.addEventListener("change", (event) => { if (event.target.matches("[data-submit]")) event.target.form.requestSubmit(); });

// What happens to the person is here within two seconds, in one go for what comes together.
const page = document.querySelector("[data-stream]"), sign = document.getElementById("live");
if (page) {
  let waiting = 0, missed = false; // what happened while nobody looked
  const soon = () => { waiting ||= setTimeout(() => { waiting = 0; renew(location.href); }, 250); };
  const told = (state) => {
    const text = sign?.querySelector("[data-live]");
    if (state === "live" && missed) soon();
    missed = true;
    if (!text) return;
    sign.hidden = !["live", "lost"].includes(state);
    sign.classList.toggle("lost", state === "lost");
    text.textContent = state === "lost" ? text.dataset.lost : text.dataset.live;
  };
  stream(page.dataset.stream, { changed: soon }, told);
}

function hide() { for (const each of document.querySelectorAll("[data-script-hides]")) each.hidden = true; }
hide();
