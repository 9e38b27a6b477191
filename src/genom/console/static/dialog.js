// Dialogs: the link behind the button is the way without scripts.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]"), closer = event.target.closest("[data-close]");
  const dialog = opener ? document.getElementById(opener.dataset.dialog) : closer?.closest("dialog");
  if (!dialog) return;
  event.preventDefault();
  if (opener) { dialog.close(); dialog.showModal(); } else dialog.close();
});

// A link with data-part opens that part of the page behind it in a dialog; what it opens is asked for anew each time.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-part]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const reply = await fetch(link.href, { headers: { accept: "text/html" } }).catch(() => null);
  const page = reply?.ok && !reply.redirected ? new DOMParser().parseFromString(await reply.text(), "text/html") : null;
  const part = page?.getElementById(link.dataset.part);
  if (!part) { location.assign(link.href); return; }
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", part.getAttribute("aria-labelledby"));
  dialog.append(...document.adoptNode(part).childNodes);
  dialog.addEventListener("close", () => { dialog.remove(); link.focus(); });
  document.getElementById("main").append(dialog);
  dialog.showModal();
  dialog.querySelector("textarea")?.focus();
});
