// How many people a segment had; the table below has the same numbers.
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
  const holder = document.getElementById("growth"), data = document.getElementById("points");
  plot?.destroy();
  plot = null;
  if (!holder || !data) return;
  const points = JSON.parse(data.textContent);
  const changes = JSON.parse(document.getElementById("changes").textContent);
  const ahead = Number(document.documentElement.dataset.offset) * 60000; // the page's time, wherever the browser is
  const language = document.documentElement.lang === "de" ? "de-DE" : "en-GB";
  const soft = ink("--soft"), line = ink("--line"), strong = ink("--q7");
  const at = points.map((point) => point[0] / 1000), first = at[0], last = at[at.length - 1];
  const short = last - first < 4 * 86400;
  const day = new Intl.DateTimeFormat(language, { day: "2-digit", month: "2-digit", timeZone: "UTC" });
  const hour = new Intl.DateTimeFormat(language, { day: "2-digit", month: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "UTC" });
  const axis = { stroke: soft, font: "11px Inter, sans-serif", ticks: { stroke: line, width: 1, size: 4 } };
  plot = new uPlot({
    width: holder.clientWidth, height: 160, legend: { show: false }, cursor: { show: false }, padding: [8, 44, 0, 0],
    scales: { x: { time: true, range: () => [Math.min(first, last - 3600) - 1800, last] }, y: { range: (_, low, high) => [0, Math.max(4, (high ?? 0) * 1.15)] } },
    axes: [
      { ...axis, grid: { show: false }, size: 26, space: 90, values: (_, all) => all.map((s) => (short ? hour : day).format(s * 1000 + ahead)) },
      { ...axis, grid: { stroke: line, width: 1 }, size: 64, space: 34, values: (_, all) => all.map((n) => Number.isInteger(n) ? n.toLocaleString(language) : "") },
    ],
    hooks: { draw: [(u) => {
      const { ctx, bbox } = u;
      ctx.save();
      ctx.strokeStyle = soft;
      ctx.setLineDash([4, 4]);
      for (const when of changes) { // where the rule became another
        const x = Math.round(u.valToPos(when / 1000, "x", true));
        if (x < bbox.left || x > bbox.left + bbox.width) continue;
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
      }
      ctx.restore();
    }] },
    series: [{}, { stroke: strong, width: 2, points: { show: points.length < 3 } }],
  }, [at, points.map((point) => point[1])], holder);
}

draw();
window.addEventListener("resize", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
