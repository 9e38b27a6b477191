// The last hour, a bar a minute; the table below has the same numbers.
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
  const holder = document.getElementById("plot");
  const data = document.getElementById("minutes");
  plot?.destroy();
  plot = null;
  if (!holder || !data) return;
  const rows = JSON.parse(data.textContent);
  const soft = ink("--soft"), line = ink("--line"), accent = ink("--q6");
  const ahead = Number(document.documentElement.dataset.offset) * 60000; // the page's time, wherever the browser is
  const language = document.documentElement.lang;
  const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "UTC" });
  const end = rows[rows.length - 1][0] / 1000 + 60;
  const axis = { stroke: soft, font: "11px Inter, sans-serif", ticks: { stroke: line, width: 1, size: 4 } };
  plot = new uPlot({
    width: holder.clientWidth, height: 120, legend: { show: false }, cursor: { show: false }, padding: [8, 24, 0, 0],
    scales: { x: { time: true, range: () => [end - 3600, end] }, y: { range: (_, low, high) => [0, Math.max(4, high * 1.15)] } },
    axes: [
      { ...axis, grid: { show: false }, size: 24, values: (_, at) => at.map((s) => clock.format(s * 1000 + ahead)) },
      { ...axis, grid: { stroke: line, width: 1 }, size: 64, space: 34, values: (_, at) => at.map((n) => Number.isInteger(n) ? n.toLocaleString(language) : "") },
    ],
    series: [{}, { label: holder.dataset.label, stroke: accent, fill: accent, width: 0, points: { show: false }, paths: uPlot.paths.bars({ size: [0.7, 12], align: 1 }) }],
  }, [rows.map((row) => row[0] / 1000), rows.map((row) => row[1])], holder);
}

draw();
document.addEventListener("htmx:after:swap", draw);
window.addEventListener("resize", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
