// The strip as a slider: mouse and arrow keys read one gene after the other; the line below says it in words.
export function strip(start = 0) {
  const box = document.getElementById("strip"), line = document.getElementById("reading");
  const bars = box ? [...box.querySelectorAll(".bar")] : [];
  if (!bars.length) return { at: () => 0 };
  const cursor = document.getElementById("cursor");
  let at = Math.min(start, bars.length - 1), read = false;
  const told = { role: "slider", "aria-label": box.dataset.name, "aria-valuemin": 1, "aria-valuemax": bars.length };
  for (const [name, value] of Object.entries(told)) box.setAttribute(name, value);

  const show = (place) => {
    at = Math.max(0, Math.min(bars.length - 1, place));
    read = true;
    for (const name of ["x", "width"]) cursor.setAttribute(name, bars[at].getAttribute(name));
    cursor.setAttribute("visibility", "visible");
    tell(bars[at].dataset.say);
    line.textContent = bars[at].dataset.say;
  };
  const tell = (text) => { box.setAttribute("aria-valuenow", at + 1); box.setAttribute("aria-valuetext", text); };
  const follow = () => { const { left, right } = bars[at].getBoundingClientRect(), seen = box.getBoundingClientRect();
    if (left < seen.left + 20 || right > seen.right - 20) box.scrollLeft += left - (seen.left + seen.right) / 2; };

  const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 20, PageDown: -20, Home: -1e6, End: 1e6 };
  box.addEventListener("keydown", (event) => {
    if (!(event.key in steps)) return;
    event.preventDefault();
    show(read ? at + steps[event.key] : event.key === "End" ? bars.length - 1 : 0);
    follow();
  });
  box.addEventListener("pointermove", (event) => {
    const places = bars.map((bar) => bar.getBoundingClientRect()).map((r) => Math.abs((r.left + r.right) / 2 - event.clientX));
    show(places.indexOf(Math.min(...places)));
  });
  tell(line.dataset.empty);
  box.removeAttribute("aria-valuenow");
  box.setAttribute("aria-valuenow", 1);
  line.textContent = line.dataset.empty;
  if (start) show(start);
  return { at: () => (read ? at : 0) };
}
