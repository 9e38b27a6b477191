// New rows come on top; the page keeps 500 accepted and 500 refused.  A pause holds them back and counts them; the filter applies to them too.
import { stream } from "./stream.js";

const MOST = 500;
const list = document.getElementById("rows");
const state = document.getElementById("state");
const pause = document.getElementById("pause");
const told = document.getElementById("held");
const form = document.getElementById("filter");
let held = [], paused = false, skipped = 0, refused = 0;

const fits = (row) =>
  row.dataset.text.includes(form.elements.q.value.trim().toLowerCase()) &&
  (!form.elements.state.value || row.dataset.state === form.elements.state.value);

const tell = () => {
  const said = [];
  if (paused) said.push(held.length === 1 ? told.dataset.one : told.dataset.many.replace("{n}", counted(held.length)));
  if (skipped) said.push(told.dataset.skipped.replace("{n}", counted(skipped)));
  if (refused) said.push(told.dataset.refused.replace("{n}", counted(refused)));
  told.textContent = said.join(" ");
};
const counted = (n) => n.toLocaleString(document.documentElement.lang);

const newest = (rows) => { // of each fate by itself, so that no flood of accepted events pushes a refused one out
  const seen = { accepted: 0, refused: 0 };
  return rows.filter((row) => ++seen[row.dataset.state] <= MOST);
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
  const rows = [...holder.content.querySelectorAll("li")];
  if (paused) held = newest([...rows, ...held]); else show(rows, true);
  tell();
};

pause.hidden = false;
pause.addEventListener("click", () => {
  paused = !paused;
  pause.querySelector("span").textContent = paused ? pause.dataset.resume : pause.dataset.pause;
  if (!paused) { show(held, true); held = []; }
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
});
