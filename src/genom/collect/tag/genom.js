/* Genom's browser tag. Before consent it stores, reads and sends nothing; after a withdrawal nothing stays stored.
   docs/reference/tag.md says what it does, and why. ES2019, no dependencies. */
(() => {
  "use strict";
  const VERSION = "2", ME = "genom.me", OUT = "genom.out.";
  const ADVERTISING = ["ads_measure", "ads_retarget", "lookalike", "share_partner", "sale_us"]; // what GPC refuses
  const EVENT = 32000, BATCH = 50000, MOST = 500, SLOWEST = 60000; // bytes, bytes, events, ms between two tries
  const SHOP = {
    product: "Product Viewed", list: "Product List Viewed", add: "Product Added", remove: "Product Removed",
    cart: "Cart Viewed", checkout: "Checkout Started", order: "Order Completed", refund: "Order Refunded",
    search: "Products Searched", promotion: "Promotion Viewed",
  };

  const own = document.currentScript;
  let key = "", host = "", shared = {}, spa = true, measured = []; // as loaded
  let said = null; // of consent, as events carry it
  const permits = {}; // voice → whether it permits anything
  let me = null; // {a: anonymous id, u: user id, h: its proof, c: what was said}
  let kept = false; // whether storage has it
  let held = null; // the page view that waits for consent
  let shown = ""; // path of the last page view
  let view = null; // what is measured of it
  let sending = null, out = [], timer = 0, delay = 0, notBefore = 0; // `out`: on their way
  const queue = new Map(); // message id → event as JSON

  // Storage may be blocked, full or missing: then the page's memory has to do.
  const tried = (act) => { try { return act(); } catch { return null; } };
  const read = (name) => tried(() => localStorage.getItem(name));
  const write = (name, text) => tried(() => { localStorage.setItem(name, text); return true; });
  const remove = (name) => tried(() => localStorage.removeItem(name));
  const names = () => tried(() => Object.keys(localStorage).filter((name) => name.startsWith("genom."))) || [];
  const parse = (text) => { const one = tried(() => JSON.parse(text)); return one && typeof one.a === "string" ? one : null; };
  const stored = () => parse(read(ME));
  const save = () => { kept = write(ME, JSON.stringify(me)); };

  const granted = () => me !== null;
  const objects = () => navigator.globalPrivacyControl === true;
  const id = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

  // ---- sending

  const post = (path, text, signal) => fetch(host + path, {
    method: "POST", body: text, signal, keepalive: true, credentials: "omit", headers: { "Content-Type": "text/plain" },
  });
  const wrap = (batch) =>
    `{"batch":[${batch.map((one) => queue.get(one))}],"sentAt":"${new Date().toISOString()}","writeKey":${JSON.stringify(key)}}`;
  const drop = (one) => { queue.delete(one); remove(OUT + one); };
  const later = (ms) => { clearTimeout(timer); timer = setTimeout(flush, ms); };
  const bytes = (text) => new Blob([text]).size;

  function put(event) {
    const text = JSON.stringify(event);
    if (bytes(text) > EVENT) { console.warn("genom: an event above 32 KB is not sent"); return; }
    queue.set(event.messageId, text);
    if (granted()) write(OUT + event.messageId, text);
    if (queue.size > MOST) drop(queue.keys().next().value);
    later(Math.max(0, notBefore - Date.now()));
  }

  function portion() {
    const batch = [];
    let size = 0;
    for (const [one, text] of queue) {
      if (out.includes(one)) continue;
      size += bytes(text);
      if (size > BATCH && batch.length) break;
      batch.push(one);
    }
    return batch;
  }

  // One batch at a time; what is not acknowledged stays and is tried again. The node counts each once.
  function next() {
    if (sending || !queue.size || Date.now() < notBefore) return sending || Promise.resolve();
    const batch = out = portion();
    sending = post("/v1/b", wrap(batch)).then((reply) => {
      if (reply.status === 408 || reply.status === 429 || reply.status >= 500) throw reply.headers.get("Retry-After");
      batch.forEach(drop);
      delay = notBefore = 0;
    }).catch((seconds) => {
      delay = Math.min(SLOWEST, Math.max(1000, 2 * delay, 1000 * (Number(seconds) || 0)));
      notBefore = Date.now() + delay;
    }).then(() => {
      sending = null;
      out = [];
      if (queue.size) later(delay);
    });
    return sending;
  }

  // Settles when all that waits now was sent, or when the node must rest.
  async function flush() {
    const waiting = [...queue.keys()];
    do await next(); while (waiting.some((one) => queue.has(one)) && Date.now() >= notBefore);
  }

  function leave() { // browsers take 64 KB at once; the rest stays in the outbox
    const batch = portion();
    while (batch.length && navigator.sendBeacon && !navigator.sendBeacon(host + "/v1/b", wrap(batch))) batch.length >>= 1;
  }

  // ---- events

  function campaign() {
    const found = {}, query = new URLSearchParams(location.search);
    for (const part of ["source", "medium", "campaign", "term", "content", "id"])
      if (query.get("utm_" + part)) found[part === "campaign" ? "name" : part] = query.get("utm_" + part).slice(0, 200);
    return Object.keys(found).length ? found : undefined;
  }

  function device() { // no more than its kind: more would tell people apart
    const agent = navigator.userAgent;
    if (/iPad|Tablet|Android(?!.*Mobile)/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1)) return "tablet";
    return /Mobi/.test(agent) ? "phone" : "desktop";
  }

  const here = () => ({
    path: location.pathname, url: location.origin + location.pathname, title: document.title,
    referrer: document.referrer.split(/[?#]/)[0], // a query may hold secrets
  });

  const context = (page) => ({
    library: { name: "genom.js", version: VERSION }, locale: navigator.language, page, device: { type: device() },
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone, consent: said,
    userHash: me.h, campaign: campaign(), ...shared, // what is undefined is not sent
  });

  function event(type, what, page = here()) {
    const { a: anonymousId, u: userId } = me;
    put({ type, messageId: id(), timestamp: new Date().toISOString(), anonymousId, userId, context: context(page), ...what });
  }

  function track(name, properties, page) {
    if (granted()) event("track", { event: String(name), properties: properties || {} }, page);
  }

  function page(properties) {
    left();
    shown = location.pathname + location.search;
    held = { properties: properties || {} };
    if (granted()) look(); else if (said) held = null;
  }

  function look() {
    event("page", held);
    held = null;
    view = { page: here(), mark: 25, forms: new Set(), spent: 0 };
    tick();
  }

  function moved() {
    if (spa && shown && location.pathname + location.search !== shown) setTimeout(page, 0); // the title comes after
  }

  // ---- what is measured of a page view

  function tick() {
    const now = performance.now();
    if (view.visible) view.spent += now - view.since;
    view.since = now;
    view.visible = !document.hidden;
  }

  function left() {
    if (!view) return;
    tick();
    view.forms.forEach((form) => track("Form Abandoned", { form }, view.page));
    if (measured.includes("dwell")) track("Page Left", { seconds: Math.min(1800, Math.round(view.spent / 1000)) }, view.page);
    view = null;
  }

  function clicked({ target }) {
    const marked = target.closest && target.closest("[data-genom-click]"), properties = {};
    if (!marked || !marked.dataset.genomClick) return;
    for (const { name, value } of marked.attributes)
      if (/^data-genom-(?!(click|form|slot|shown)$)/.test(name)) properties[name.slice(11).replace(/-/g, "_")] = value;
    track(marked.dataset.genomClick, properties);
  }

  function scrolled({ target }) {
    if (!view || target !== document) return;
    const depth = 100 * (scrollY + innerHeight + 1) / document.documentElement.scrollHeight; // 1 px of rounding
    for (; view.mark <= Math.min(depth, 100); view.mark += 25) track("Page Scrolled", { depth: view.mark });
  }

  // Of a form its name is told, and nothing in it is looked at.
  function formed({ type, target }) {
    const by = type === "submit" ? target : target.form;
    const form = view && by && ["data-genom-form", "name", "id"].map((one) => by.getAttribute(one)).find((one) => one !== null);
    if (!form) return;
    if (type === "submit") { view.forms.delete(form); track("Form Submitted", { form }); }
    else if (!view.forms.has(form)) { view.forms.add(form); track("Form Started", { form }); }
  }

  // ---- who, and what is permitted

  function end() {
    queue.clear();
    me = held = view = null;
  }

  function refuse() {
    me = me || stored();
    track("Consent Preference Updated");
    const last = me && [...queue].pop();
    names().forEach(remove);
    end();
    if (last) { queue.set(...last); notBefore = 0; flush(); }
  }

  // What one voice denies, no other permits.
  // `asked`: the person has answered just now. `recorded`: the shop's server has put the answer on record.
  function hear(voice, value, permitted, how) {
    said = { ...said, [voice]: value };
    permits[voice] = permitted;
    if (!Object.values(permits).every(Boolean)) { refuse(); return; }
    me = me || stored() || { a: id() };
    const { asked, recorded } = how || {}, before = (me.c || {}).categoryPreferences || {}, now = said.categoryPreferences || {};
    const back = Object.keys(now).some((purpose) => now[purpose] && before[purpose] === false);
    if (back && !recorded) me = { a: id(), u: me.u, h: me.h }; // it cannot lift a refusal on record
    const changed = JSON.stringify(me.c) !== JSON.stringify(said);
    me.c = said;
    save();
    for (const name of names()) {
      const one = name.slice(OUT.length), text = read(name);
      if (name.startsWith(OUT) && text && !queue.has(one)) queue.set(one, text);
    }
    if (changed || asked) track("Consent Preference Updated");
    if (held) look();
    if (queue.size) later(0);
  }

  function consent(given, how) {
    const next = {};
    for (const [purpose, choice] of Object.entries(given)) next[purpose] = choice === true && !(objects() && ADVERTISING.includes(purpose));
    hear("categoryPreferences", next, Object.values(next).some(Boolean), how);
  }

  // The node takes a TC string as the only section of a GPP string. Purpose 1 is storage.
  function tcf() {
    if (!window.__tcfapi) { setTimeout(tcf, 500); return; } // the banner comes later
    __tcfapi("addEventListener", 2, (data, good) => {
      if (!good || !data.tcString || data.gdprApplies === false || data.eventStatus === "cmpuishown") return;
      const may = (/\.[YZa-f]/.test(data.tcString) ? data.publisher : data.purpose).consents; // its own segment
      hear("gpp", "DBABMA~" + data.tcString, may[1] && Object.keys(may).some((purpose) => purpose > 1 && may[purpose]));
    });
  }

  // A default is what a page says before anybody has chosen; an update is an answer.
  function consentMode(state) {
    if (state) { google(state); return; }
    const states = {}, layer = window.dataLayer = window.dataLayer || [], usual = layer.push;
    const see = (command) => {
      const [what, how, given] = Array.from(command || []);
      if (what !== "consent" || !given || given.region) return;
      Object.assign(states, given);
      if (how === "update") setTimeout(google, 0, states); // after the last of several
    };
    layer.forEach(see);
    layer.push = (...more) => { more.forEach(see); return usual.apply(layer, more); };
  }

  function google(states) {
    const next = {};
    for (const [field, state] of Object.entries(states))
      if (/^ad_|_storage$/.test(field)) next[field] = objects() && field.startsWith("ad_") ? "denied" : state;
    hear("google", next, ["ad", "analytics", "personalization"].some((use) => next[use + "_storage"] === "granted"));
  }

  // Another tab has withdrawn, and what this one has written since goes as well; or it has logged somebody in.
  function elsewhere(text) {
    if (!granted()) return;
    if (text) { me = parse(text) || me; said = me.c; return; }
    [...queue.keys()].forEach(drop);
    if ((stored() || me).a === me.a) remove(ME);
    end();
  }

  function identify(user, traits, how) {
    if (!granted()) return;
    user = String(user);
    if (me.u && me.u !== user) me.a = id(); // somebody else at the same device
    me.u = user;
    me.h = (how && how.userHash) || undefined;
    save();
    event("identify", { traits: traits || {} });
  }

  function reset() {
    if (!granted()) return;
    me = { a: id(), c: me.c };
    save();
  }

  // ---- decisions

  // Always resolves; with no choices the page shows its own content.
  function ask(point, n, timeout) { // ms
    const none = (why) => ({ decision_id: null, choices: [], why });
    if (!granted()) return Promise.resolve(none("no consent"));
    const control = new AbortController();
    const body = { point, n, person: { anonymous_id: me.a }, context: { locale: document.documentElement.lang }, writeKey: key };
    const asked = flush().then(() => post("/v1/decide", JSON.stringify(body), control.signal)).then((reply) => {
      if (!reply.ok) throw reply.status;
      return reply.json();
    }).catch(() => none("no answer"));
    const late = new Promise((resolve) => setTimeout(() => { control.abort(); resolve(none("too late")); }, timeout));
    return Promise.race([asked, late]);
  }

  // The point's slots are shown after whoever asked has filled them.
  function decide(point, how) {
    const { n = 1, timeout = 600, element } = how || {}, answer = ask(point, n, timeout);
    const slots = element ? [element] : document.querySelectorAll(`[data-genom-slot="${CSS.escape(point)}"]`);
    answer.then(() => setTimeout(() => slots.forEach((slot) => slot.setAttribute("data-genom-shown", "")), 0));
    return answer;
  }

  // ---- start

  function load(writeKey, options) {
    const given = options || {};
    key = writeKey;
    host = (given.host || new URL((own && own.src) || location).origin).replace(/\/$/, "");
    shared = given.context || {};
    spa = given.spa !== false;
    measured = given.measure || [];
    const listen = (what, name, react) => { if (measured.includes(what)) document.addEventListener(name, react, true); };
    listen("clicks", "click", clicked);
    listen("scroll", "scroll", scrolled);
    listen("forms", "input", formed);
    listen("forms", "submit", formed);
  }

  for (const name of ["pushState", "replaceState"]) {
    const usual = history[name];
    history[name] = function () { usual.apply(history, arguments); moved(); };
  }
  addEventListener("popstate", moved);
  addEventListener("online", () => { notBefore = 0; flush(); });
  addEventListener("pagehide", () => { left(); leave(); });
  addEventListener("pageshow", (back) => { // nobody told it what happened meanwhile
    if (!back.persisted || !shown) return;
    if (kept) elsewhere(read(ME));
    page();
  });
  document.addEventListener("visibilitychange", () => {
    if (view) tick();
    if (document.hidden) leave();
  });
  addEventListener("storage", (change) => { if (change.key === ME || change.key === null) elsewhere(change.newValue); });

  const genom = { consent, tcf, consentMode, page, identify, reset, decide, flush, track: (name, properties) => track(name, properties) };
  for (const name of Object.keys(SHOP)) genom[name] = (properties) => track(SHOP[name], properties);
  if (document.prerendering) { // all calls wait until somebody sees the page
    const seen = new Promise((resolve) => document.addEventListener("prerenderingchange", resolve, { once: true }));
    for (const name of Object.keys(genom)) {
      const usual = genom[name];
      genom[name] = (...given) => seen.then(() => usual(...given));
    }
  }
  window.genom = { ...genom, load, anonymousId: () => (me ? me.a : null), user: () => (me && me.u) || null };
})();
