// The builder: the address follows the form, late answers are dropped, and the focus goes where the work goes on.
import "./dialog.js";

let edits = 0; // how often something was typed
const asked = new WeakMap(); // request → edits when it went out
let typed = null; // what was typed while a new form was on its way

document.addEventListener("input", (event) => { if (event.target.matches("#builder input[hx-post]")) edits++; });
document.addEventListener("htmx:before:request", (event) => asked.set(event.detail.ctx, edits));
document.addEventListener("htmx:before:swap", (event) => {
  const ctx = event.detail.ctx, known = asked.get(ctx);
  if (known === undefined || known === edits) return;
  const field = document.activeElement;
  if (ctx.target?.id !== "builder") event.preventDefault(); // a later answer follows
  else if (field.matches("input[hx-post]")) typed = { id: field.id, value: field.value };
});
document.addEventListener("htmx:after:swap", () => {
  ready();
  const to = document.querySelector("#builder [data-focus]"), field = typed && document.getElementById(typed.id);
  if (field) { field.value = typed.value; field.dispatchEvent(new Event("input", { bubbles: true })); }
  else if (to) to.focus();
  to?.removeAttribute("data-focus");
  typed = null;
});

function ready() {
  for (const each of document.querySelectorAll("[data-script-hides]")) each.hidden = true;
  const form = document.getElementById("builder"), size = document.getElementById("size");
  if (!form || !size) return;
  if (size.dataset.url.length < 60_000) history.replaceState(history.state, "", size.dataset.url);
  for (const field of form.querySelectorAll("input[aria-describedby^='fault-']")) {
    const wrong = document.getElementById(field.getAttribute("aria-describedby"))?.textContent.trim();
    if (wrong) field.setAttribute("aria-invalid", "true"); else field.removeAttribute("aria-invalid");
  }
}

ready();
