// New rows come on top; the page keeps 500.  A pause holds them back and counts them; the filter applies to them too.
import { stream } from "./stream.js";

const MOST = 500;
const list = document.getElementById("rows");
const state = document.getElementById("state");
const pause = document.getElementById("pause");
const told = document.getElementById("held");
const form = document.getElementById("filter");
let held = [], paused = false, skipped = 0;

const fits = (row) =>
  row.dataset.text.includes(form.elements.q.value.trim().toLowerCase()) &&
  (!form.elements.state.value || row.dataset.state === form.elements.state.value);

const tell = () => {
  const said = [];
  if (paused) said.push(held.length === 1 ? told.dataset.one : told.dataset.many.replace("{n}", counted(held.length)));
  if (skipped) said.push(told.dataset.skipped.replace("{n}", counted(skipped)));
  told.textContent = said.join(" ");
};
const counted = (n) => n.toLocaleString(document.documentElement.lang);

const show = (rows, fresh) => {
  for (const row of rows) { row.hidden = !fits(row); row.classList.toggle("fresh", fresh); }
  list.prepend(...rows);
  while (list.children.length > MOST) list.lastElementChild.remove();
  if (rows.some((row) => !row.hidden)) document.getElementById("waiting")?.remove();
};

const take = (event) => {
  const holder = document.createElement("template");
  holder.innerHTML = event.data;
  const rows = [...holder.content.querySelectorAll("li")];
  if (paused) held = [...rows, ...held].slice(0, MOST); else show(rows, true);
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
}, (now) => {
  state.textContent = state.dataset[now];
  state.classList.toggle("on", now === "live");
});
