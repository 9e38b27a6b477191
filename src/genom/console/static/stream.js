// One stream of server-sent events that spares the browser's six connections a server:
// a hidden page has none, and of the visible ones the three looked at last have one.
const MOST = 3;

export function stream(url, handlers, told = () => {}) {
  const others = "BroadcastChannel" in window ? new BroadcastChannel("genom-stream") : null;
  let source = null, newer = 0;
  const close = (state) => { if (source) { source.close(); source = null; } told(state); };
  const open = () => {
    if (source || document.hidden) return;
    newer = 0;
    others?.postMessage("open");
    source = new EventSource(url);
    source.onopen = () => told("live");
    source.onerror = () => told("lost"); // the browser tries again by itself
    for (const [name, handle] of Object.entries(handlers)) source.addEventListener(name, handle);
  };
  if (others) others.onmessage = () => { newer += 1; if (newer >= MOST && source) close("elsewhere"); };
  document.addEventListener("visibilitychange", () => (document.hidden ? close("hidden") : open()));
  window.addEventListener("focus", open);
  window.addEventListener("pagehide", () => close("hidden"));
  window.addEventListener("pageshow", open);
  open();
}
