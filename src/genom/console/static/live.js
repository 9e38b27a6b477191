// New rows come on top; the page keeps 500, of them up to 100 refused.  A pause holds them back and counts them; the filter applies to them too.
// What came while nobody looked, or while the connection was lost, is fetched.
import { stream } from "./stream.js";

const MOST = { accepted: 400, refused: 100 }; // each fate by itself, so that no flood of accepted events pushes a refused one out
const list = document.getElementById("rows");
const state = document.getElementById("state");
const pause = document.getElementById("pause");
const told = document.getElementById("held");
const form = document.getElementById("filter");
let held = [], back = 0, paused = false, missed = false, skipped = 0, refused = 0;

const fits = (row) =>
  row.dataset.text.includes(form.elements.q.value.trim().toLowerCase()) &&
  (!form.elements.state.value || row.dataset.state === form.elements.state.value);

const tell = () => {
  const said = [];
  if (paused) said.push(back === 1 ? told.dataset.one : told.dataset.many.replace("{n}", counted(back)));
  if (skipped) said.push(told.dataset.skipped.replace("{n}", counted(skipped)));
  if (refused) said.push(told.dataset.refused.replace("{n}", counted(refused)));
  told.textContent = said.join(" ");
};
const counted = (n) => n.toLocaleString(document.documentElement.lang);

const newest = (rows) => {
  const seen = { accepted: 0, refused: 0 };
  return rows.filter((row) => ++seen[row.dataset.state] <= MOST[row.dataset.state]);
};
const unknown = (rows) => {
  const known = new Set([...list.children, ...held].map((row) => row.dataset.key));
  return rows.filter((row) => !known.has(row.dataset.key));
};

const show = (rows, fresh) => {
  for (const row of rows) { row.hidden = !fits(row); row.classList.toggle("fresh", fresh); }
  list.prepend(...rows);
  const kept = new Set(newest([...list.children].filter((row) => row.dataset.state)));
  for (const row of [...list.children]) if (row.dataset.state && !kept.has(row)) row.remove();
  if (rows.some((row) => !row.hidden)) document.getElementById("nothing")?.remove();
};

const take = (event) => {
  const holder = document.createElement("template");
  holder.innerHTML = event.data;
  arrive([...holder.content.querySelectorAll("li")]);
};
const arrive = (all) => {
  const rows = unknown(all);
  if (paused) { back += rows.length; held = newest([...rows, ...held]); } else show(rows, true);
  tell();
};
const fetchMissed = async () => {
  const reply = await fetch(location.pathname, { headers: { accept: "text/html" } }).catch(() => null);
  if (!reply?.ok) return;
  const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
  arrive([...fresh.querySelectorAll("#rows > li")].map((row) => document.adoptNode(row)));
};

pause.hidden = false;
pause.addEventListener("click", () => {
  paused = !paused;
  pause.querySelector("span").textContent = paused ? pause.dataset.resume : pause.dataset.pause;
  if (!paused) { show(held, true); held = []; back = 0; }
  tell();
});

form.addEventListener("input", () => {
  for (const row of list.children) row.hidden = !fits(row);
  const asked = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  history.replaceState(null, "", asked.size ? `?${asked}` : location.pathname);
});
form.addEventListener("submit", (event) => event.preventDefault());

stream(list.dataset.stream, {
  rows: take,
  skipped: (event) => { skipped += Number(event.data); tell(); },
  refused: (event) => { refused += Number(event.data); tell(); },
}, (now) => {
  state.textContent = state.dataset[now];
  state.classList.toggle("on", now === "live");
  if (now === "live" && missed) fetchMissed();
  missed = true;
});
