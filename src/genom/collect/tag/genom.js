/* Genom's browser tag: tells a node what people do in a shop, and asks it for decisions.

   Before consent it stores nothing, reads nothing from the device and sends nothing.
   After consent it keeps an anonymous id and its outbox in localStorage, under names that begin with "genom.".
   A refusal or withdrawal is sent once, and everything stored is deleted.
   Events go in Segment's form to /v1/b as text/plain, so that no preflight is needed. ES2019, no dependencies. */
(() => {
  "use strict";
  const VERSION = "1", ME = "genom.me", OUT = "genom.out.";
  const ADVERTISING = ["ads_measure", "ads_retarget", "lookalike", "share_partner", "sale_us"]; // what GPC refuses
  const EVENT = 32000, BATCH = 50000, MOST = 500, SLOWEST = 60000; // bytes, bytes, events, ms between two tries

  let key = "", host = "", shared = {}, spa = true; // as loaded
  let choices = null; // purpose → bool; null: not asked yet
  let me = null; // {a: anonymous id, u: user id, h: proof of it, c: choices}
  let held = null; // the page view that waits for consent on this page
  let shown = ""; // path of the last page view
  let sending = null, timer = 0, delay = 0, notBefore = 0;
  const queue = new Map(); // message id → event as JSON, oldest first

  // Storage may be blocked, full or missing; then the page's memory has to do.
  const read = (name) => { try { return localStorage.getItem(name); } catch (e) { return null; } };
  const write = (name, text) => { try { localStorage.setItem(name, text); } catch (e) { /* memory has it */ } };
  const remove = (name) => { try { localStorage.removeItem(name); } catch (e) { /* nothing there */ } };
  const names = () => { try { return Object.keys(localStorage).filter((n) => n.startsWith("genom.")); } catch (e) { return []; } };
  const parse = (text) => { try { return JSON.parse(text); } catch (e) { return null; } };
  const stored = () => { const one = parse(read(ME)); return one && typeof one.a === "string" ? one : null; };
  const save = () => write(ME, JSON.stringify(me));

  const granted = () => me !== null;
  const id = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

  // ---- sending -----------------------------------------------------------------------------------------------

  const post = (path, text, signal) => fetch(host + path, {
    method: "POST", body: text, signal, keepalive: true, credentials: "omit", headers: { "Content-Type": "text/plain" },
  });
  const wrap = (texts) => `{"batch":[${texts.join()}],"sentAt":"${new Date().toISOString()}","writeKey":${JSON.stringify(key)}}`;
  const drop = (one) => { queue.delete(one); remove(OUT + one); };
  const later = (ms) => { clearTimeout(timer); timer = setTimeout(flush, ms); };

  function put(event) {
    const text = JSON.stringify(event);
    if (new Blob([text]).size > EVENT) { console.warn("genom: an event is larger than 32 KB and was not sent"); return; }
    queue.set(event.messageId, text);
    if (granted()) write(OUT + event.messageId, text);
    if (queue.size > MOST) drop(queue.keys().next().value);
    later(Math.max(0, notBefore - Date.now()));
  }

  function portion() {
    const batch = [];
    let size = 0;
    for (const [one, text] of queue) {
      size += new Blob([text]).size;
      if (size > BATCH && batch.length) break;
      batch.push(one);
    }
    return batch;
  }

  // One batch at a time; what is not acknowledged stays in the outbox and is tried again. The node counts each once.
  function next() {
    if (sending || !queue.size || Date.now() < notBefore) return sending || Promise.resolve();
    const batch = portion();
    sending = post("/v1/b", wrap(batch.map((one) => queue.get(one)))).then((reply) => {
      if (reply.status === 408 || reply.status === 429 || reply.status >= 500) throw reply.headers.get("Retry-After");
      batch.forEach(drop);
      delay = notBefore = 0;
    }).catch((seconds) => {
      delay = Math.min(SLOWEST, Math.max(1000, 2 * delay, 1000 * (Number(seconds) || 0)));
      notBefore = Date.now() + delay;
    }).then(() => {
      sending = null;
      if (queue.size) later(delay);
    });
    return sending;
  }

  // Settles when all that waits now was sent, also what a batch on its way does not hold, or when the node must rest.
  async function flush() {
    const waiting = Array.from(queue.keys());
    do await next(); while (waiting.some((one) => queue.has(one)) && Date.now() >= notBefore);
  }

  function leave() {
    if (queue.size && navigator.sendBeacon) navigator.sendBeacon(host + "/v1/b", wrap(portion().map((one) => queue.get(one))));
  }

  // ---- events ------------------------------------------------------------------------------------------------

  function campaign() {
    const found = {}, query = new URLSearchParams(location.search);
    for (const part of ["source", "medium", "campaign", "term", "content", "id"])
      if (query.get("utm_" + part)) found[part === "campaign" ? "name" : part] = query.get("utm_" + part).slice(0, 200);
    return Object.keys(found).length ? { campaign: found } : {};
  }

  function device() { // its kind and no more: all that a browser says of itself would tell people apart
    const agent = navigator.userAgent;
    if (/iPad|Tablet|Android(?!.*Mobile)/.test(agent)) return "tablet";
    if (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1) return "tablet"; // an iPad says that it is a Mac
    return /Mobi/.test(agent) ? "phone" : "desktop";
  }

  function context() {
    const page = {
      path: location.pathname, url: location.origin + location.pathname, title: document.title,
      referrer: document.referrer.split(/[?#]/)[0], // queries may hold what nobody wanted to send
    };
    const proof = me && me.u && me.h ? { userHash: me.h } : {};
    return Object.assign({
      library: { name: "genom.js", version: VERSION }, locale: navigator.language, page,
      device: { type: device() },
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone, consent: { categoryPreferences: choices },
    }, campaign(), proof, shared);
  }

  function event(type, what) {
    const ids = { anonymousId: me.a };
    if (me.u) ids.userId = me.u;
    put(Object.assign({ type, messageId: id(), timestamp: new Date().toISOString(), context: context() }, ids, what));
  }

  function track(name, properties) {
    if (granted()) event("track", { event: String(name), properties: properties || {} });
  }

  function page(properties) {
    shown = location.pathname + location.search;
    if (granted()) event("page", { properties: properties || {} });
    else if (choices === null) held = { properties: properties || {} };
  }

  function moved() {
    if (spa && shown && location.pathname + location.search !== shown) setTimeout(page, 0); // the title comes after
  }

  // ---- who, and what is permitted ------------------------------------------------------------------------------

  function forget() {
    names().forEach(remove);
    queue.clear();
    me = held = null;
  }

  function refuse() {
    me = me || stored();
    const known = me;
    if (known) event("track", { event: "Consent Preference Updated", properties: {} });
    const last = known ? Array.from(queue).pop() : null;
    forget();
    if (last) { queue.set(last[0], last[1]); notBefore = 0; flush(); }
  }

  // `asked`: the person has answered just now, so what was permitted before and has run out is permitted again.
  // `recorded`: the shop's server has put the choice on record itself, so a purpose may come back under the same id.
  function consent(given, how) {
    const next = {}, gpc = navigator.globalPrivacyControl === true;
    for (const purpose of Object.keys(given)) next[purpose] = given[purpose] === true && !(gpc && ADVERTISING.includes(purpose));
    choices = next;
    if (!Object.values(next).some(Boolean)) { refuse(); return; }
    me = me || stored() || { a: id() };
    const before = me.c || {}, back = Object.keys(next).some((purpose) => next[purpose] && before[purpose] === false);
    if (back && !(how && how.recorded)) me = { a: id(), u: me.u, h: me.h }; // a browser cannot lift a refusal on record
    const changed = JSON.stringify(me.c) !== JSON.stringify(next);
    me.c = next;
    save();
    for (const name of names())
      if (name.startsWith(OUT) && !queue.has(name.slice(OUT.length))) queue.set(name.slice(OUT.length), read(name));
    if (changed || (how && how.asked)) track("Consent Preference Updated");
    if (held) event("page", held);
    held = null;
    if (queue.size) later(0);
  }

  function identify(user, traits, how) {
    if (!granted()) return;
    user = String(user);
    if (me.u && me.u !== user) me.a = id(); // somebody else at the same device
    me.u = user;
    me.h = (how && how.userHash) || "";
    save();
    event("identify", { traits: traits || {} });
  }

  function reset() {
    if (!granted()) return;
    me = { a: id(), c: me.c };
    save();
  }

  // ---- decisions -----------------------------------------------------------------------------------------------

  // Always resolves, with no choices if the node does not answer in time: the page shows its own content then.
  function decide(point, how) {
    const { n = 1, timeout = 600 } = how || {}; // timeout in ms
    const none = (why) => ({ decision_id: null, choices: [], why });
    if (!granted()) return Promise.resolve(none("no consent"));
    const control = new AbortController();
    const body = { point, n, person: { anonymous_id: me.a }, context: { locale: document.documentElement.lang }, writeKey: key };
    const asked = flush().then(() => post("/v1/decide", JSON.stringify(body), control.signal)).then((reply) => {
      if (!reply.ok) throw new Error(String(reply.status));
      return reply.json();
    }).catch(() => none("no answer"));
    const late = new Promise((resolve) => setTimeout(() => { control.abort(); resolve(none("too late")); }, timeout));
    return Promise.race([asked, late]);
  }

  // ---- start ---------------------------------------------------------------------------------------------------

  function load(writeKey, options) {
    const given = options || {}, own = document.querySelector('script[src$="/genom.js"]');
    key = writeKey;
    host = (given.host || (own ? new URL(own.src).origin : location.origin)).replace(/\/$/, "");
    shared = given.context || {};
    spa = given.spa !== false;
  }

  for (const name of ["pushState", "replaceState"]) {
    const usual = history[name];
    history[name] = function () { usual.apply(history, arguments); moved(); };
  }
  addEventListener("popstate", moved);
  addEventListener("online", () => { notBefore = 0; flush(); });
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") leave(); });
  addEventListener("storage", (change) => { // another tab withdrew, or somebody logged in there
    if (!granted() || (change.key !== ME && change.key !== null)) return;
    if (change.newValue === null) { queue.clear(); me = held = null; } else { me = parse(change.newValue) || me; choices = me.c; }
  });

  window.genom = {
    load, consent, page, track, identify, reset, decide, flush,
    product: (p) => track("Product Viewed", p),
    add: (p) => track("Product Added", p),
    order: (o) => track("Order Completed", o),
    anonymousId: () => (me ? me.a : null),
    user: () => (me && me.u) || null,
  };
})();
