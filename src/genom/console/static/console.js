// What every page does: a failed htmx request is said in words, and what was entered stays.
const toast = document.getElementById("toast");
const say = (text) => { if (toast) toast.textContent = text; };
document.addEventListener("htmx:response:error", () => say(toast?.dataset.failed ?? ""));
document.addEventListener("htmx:error", () => say(toast?.dataset.offline ?? ""));
document.addEventListener("htmx:after:swap", (event) => { if (event.detail.ctx?.response?.status < 400) say(""); });

// "/" goes to the search field of a page that has one.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.closest("input, select, textarea")) return;
  const field = document.querySelector("input[type=search]");
  if (field) { event.preventDefault(); field.focus(); }
});
