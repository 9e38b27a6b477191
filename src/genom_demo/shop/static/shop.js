/* The shop's own script: tells the tag what happens on the page, and fills the slots with what was decided.
   Without the tag, without consent or without an answer the page stays as the server wrote it. */
(() => {
  "use strict";
  const known = JSON.parse(document.getElementById("known").textContent);
  const tag = window.genom;
  const permitted = known.choices !== null && Object.values(known.choices).some(Boolean);
  const slots = Array.from(document.querySelectorAll("[data-slot]"));
  const sign = (part) => { for (const field of part.querySelectorAll('input[name="anonymous"]')) field.value = tag.anonymousId() || ""; };
  const show = (slot) => slot.removeAttribute("data-wait");

  // ---- what the page shows

  function place(slot, action, decision) {
    const found = document.querySelector(`template[data-for="${slot.dataset.slot}"][data-action="${CSS.escape(action)}"]`);
    if (!found) return;
    slot.replaceChildren(found.content.cloneNode(true));
    slot.dataset.decision = decision;
    for (const field of slot.querySelectorAll('input[name="decision"]')) field.value = decision;
  }

  async function placeRow(slot, choices, decision) {
    const wanted = choices.map((one) => one.action).filter((action) => action.startsWith("row_")).map((action) => action.slice(4));
    if (!wanted.length) return;
    const query = new URLSearchParams({ categories: wanted.join(), without: slot.dataset.without || "", seed: decision.slice(-2) });
    const reply = await fetch(`/shop/row?${query}`, { signal: AbortSignal.timeout(1500) });
    if (!reply.ok) return;
    const part = new DOMParser().parseFromString(await reply.text(), "text/html");
    slot.replaceChildren(...part.body.childNodes);
    slot.dataset.decision = decision;
    sign(slot);
  }

  async function fill(slot) {
    try {
      const told = await tag.decide(slot.dataset.slot, { n: Number(slot.dataset.n || 1), timeout: 700 });
      if (!told.decision_id) return;
      if (slot.dataset.slot === "shop_row") await placeRow(slot, told.choices, told.decision_id);
      else if (told.choices.length) place(slot, told.choices[0].action, told.decision_id);
    } catch (problem) {
      console.info("the slot keeps its own content", problem);
    } finally {
      show(slot);
    }
  }

  // ---- which decision led to a product: remembered by each tab while the visitor permits anything at all

  const FROM = "from.";
  const allowed = () => permitted && tag.anonymousId() !== null; // it may have ended in another tab
  const from = (product) => { try { return (allowed() && sessionStorage.getItem(FROM + product)) || ""; } catch (e) { return ""; } };
  const remember = (product, decision) => { try { sessionStorage.setItem(FROM + product, decision); } catch (e) { /* storage is blocked */ } };

  function forget() {
    try {
      for (const name of Object.keys(sessionStorage)) if (name.startsWith(FROM)) sessionStorage.removeItem(name);
    } catch (e) { /* storage is blocked: nothing is there */ }
  }

  // ---- what the visitor does

  function clicked(event) {
    const link = event.target.closest("a[data-promotion], a[data-product]");
    const slot = link && link.closest("[data-decision]");
    if (!slot || !allowed()) return;
    const decision = { decision_id: slot.dataset.decision };
    if (link.dataset.promotion) tag.track("Promotion Clicked", { promotion_id: link.dataset.promotion, ...decision });
    else {
      tag.track("Recommendation Clicked", { product_id: link.dataset.product, category: link.dataset.category, ...decision });
      remember(link.dataset.product, slot.dataset.decision);
    }
  }

  function submitted(event) {
    const form = event.target, slot = form.closest("[data-decision]");
    if (form.dataset.promotion && slot) tag.track("Promotion Clicked", { promotion_id: form.dataset.promotion, decision_id: slot.dataset.decision });
    if (!form.dataset.add) return;
    const decision = from(form.dataset.add), pieces = Math.max(1, Number(form.elements.pieces.value) || 1);
    form.elements.decision.value = decision;
    tag.add({ ...known.product, quantity: pieces, ...(decision ? { decision_id: decision } : {}) });
  }

  // What was done under the old choice must arrive before the new choice does: an event's refusal would undo it.
  function deciding(event) {
    const form = event.target, by = event.submitter;
    if (form.getAttribute("action") !== "/shop/choices" || form.dataset.sent) return;
    event.preventDefault();
    form.dataset.sent = "1";
    const late = new Promise((resolve) => setTimeout(resolve, 1500));
    Promise.race([tag.flush(), late]).then(() => setTimeout(() => form.requestSubmit(by), 0)); // not while it is submitted
  }

  // ---- start

  function who() {
    if (known.user && tag.user() !== known.user.id) tag.identify(known.user.id, {}, { userHash: known.user.hash });
    else if (!known.user && tag.user()) tag.reset();
    sign(document);
  }

  function start() {
    tag.load(known.key, { host: known.node, context: { simulated: true, channel: "web" } });
    if (known.choices !== null) tag.consent(known.choices, { recorded: true });
    if (!permitted) return;
    who();
    tag.page();
    for (const [name, properties] of known.events || []) tag.track(name, properties);
    document.addEventListener("click", clicked);
    document.addEventListener("submit", submitted);
    document.addEventListener("submit", deciding);
    for (const turn of ["storage", "pageshow"]) addEventListener(turn, () => { if (!allowed()) forget(); });
    slots.forEach(fill);
  }

  if (!permitted) forget();
  if (tag) start();
  if (!tag || !permitted) slots.forEach(show);
})();
