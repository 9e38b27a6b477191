// A decision point's effect as a band over time; the table below has the same numbers.
import "./dialog.js";

const probe = document.createElement("span");
const ink = (name) => {
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
};

let plot = null;
function draw() {
  const holder = document.getElementById("band"), data = document.getElementById("looks");
  plot?.destroy();
  plot = null;
  if (!holder || !data) return;
  const looks = JSON.parse(data.textContent);
  const ahead = Number(document.documentElement.dataset.offset) * 60000; // the page's time, wherever the browser is
  const language = document.documentElement.lang === "de" ? "de-DE" : "en-GB";
  const soft = ink("--soft"), line = ink("--line"), lane = ink("--lane"), strong = ink("--q7"), light = ink("--q1");
  const at = looks.map((look) => look[0] / 1000), told = (k) => looks.map((look) => look[1] ? null : look[k]);
  const early = looks.filter((look) => look[1]).map((look) => look[0] / 1000);
  const figure = new Intl.NumberFormat(language, holder.dataset.money === "1"
    ? { style: "currency", currency: "EUR", maximumFractionDigits: 3 } : { style: "percent", maximumFractionDigits: 2 });
  const whole = at[at.length - 1] - at[0];
  const day = new Intl.DateTimeFormat(language, { day: "2-digit", month: "2-digit", timeZone: "UTC" });
  const hour = new Intl.DateTimeFormat(language, { ...(whole > 86400 && { day: "2-digit", month: "2-digit" }), hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "UTC" });
  const short = whole < 4 * 86400;
  const grey = (u) => {
    if (!early.length) return;
    const left = u.bbox.left, right = Math.min(u.valToPos(early[early.length - 1], "x", true), left + u.bbox.width);
    u.ctx.fillStyle = lane;
    u.ctx.fillRect(left, u.bbox.top, Math.max(right - left, 4), u.bbox.height);
  };
  const zero = (u) => {
    const y = u.valToPos(0, "y", true);
    if (!Number.isFinite(y)) return;
    u.ctx.save();
    u.ctx.strokeStyle = soft; u.ctx.lineWidth = devicePixelRatio; u.ctx.setLineDash([4, 4]);
    u.ctx.beginPath(); u.ctx.moveTo(u.bbox.left, y); u.ctx.lineTo(u.bbox.left + u.bbox.width, y); u.ctx.stroke();
    u.ctx.restore();
  };
  const axis = { stroke: soft, font: "11px Inter, sans-serif", ticks: { stroke: line, width: 1, size: 4 } };
  const span = (_, low, high) => low == null ? [-1, 1] : [Math.min(low, 0) * 1.1, Math.max(high, 0) * 1.1 || 1];
  const first = at[0] - 3600, last = at[at.length - 1];
  plot = new uPlot({
    width: holder.clientWidth, height: 180, legend: { show: false }, cursor: { show: false }, padding: [8, 24, 0, 0],
    scales: { x: { time: true, range: () => [first, Math.max(last, first + 7200)] }, y: { range: span } },
    axes: [
      { ...axis, grid: { show: false }, size: 26, space: 90, values: (_, all) => all.map((s) => (short ? hour : day).format(s * 1000 + ahead)) },
      { ...axis, grid: { stroke: line, width: 1 }, size: 72, space: 34, values: (_, all) => all.map((n) => figure.format(n)) },
    ],
    series: [{}, { stroke: light, width: 1, points: { show: false } }, { stroke: light, width: 1, points: { show: false } },
      { stroke: strong, width: 2, points: { show: looks.length < 3 } }],
    bands: [{ series: [1, 2], fill: light }],
    hooks: { drawClear: [grey], draw: [zero] },
  }, [at, told(4), told(3), told(2)], holder);
}

draw();
window.addEventListener("resize", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
