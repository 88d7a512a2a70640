// Draws each .chart by the document that stands in #<its id>-data, in the colours of the page's scheme, and again on a change.
(() => {
  const told = (table) => table && (table.dataset.told = "");
  if (!window.Plotly) {
    document.querySelectorAll(".table-toggle").forEach(told);
    return;
  }
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const settings = { displayModeBar: false, responsive: true };
  // A4 less its margins, in CSS pixels: a printed chart fills the sheet and no more.
  const SHEET = 690;
  const WIDTH = 1200;

  const start = (box, figure) => {
    const layoutFor = (scheme, given = {}) => ({ ...structuredClone(figure.layout), template: figure.templates[scheme], ...given });

    // On a phone the names stand above their bars instead of taking half the width.
    const narrow = (layout) => ({
      ...layout,
      height: layout.margin.t + layout.margin.b + 46 * figure.data[0].y.length,
      bargap: 0.62,
      xaxis: { ...layout.xaxis, nticks: 3, tickangle: 0 },
      yaxis: { ...layout.yaxis, showticklabels: false, automargin: false },
      annotations: figure.data[0].y.map((name) => ({
        x: 0, y: name, text: name, xanchor: "left", yanchor: "bottom", yshift: 8, showarrow: false, font: { size: 12 },
      })),
    });

    const fewer = (layout) => ({ ...layout, xaxis: { ...layout.xaxis, nticks: 6 } });

    const draw = () => {
      const wide = layoutFor(dark.matches ? "dark" : "light");
      const forPhone = figure.data[0].orientation === "h" ? narrow : fewer;
      return window.Plotly.react(box, structuredClone(figure.data), box.clientWidth < 560 ? forPhone(wide) : wide, settings);
    };

    // A picture goes into reports: always light, on white, with a title that says what it shows.
    const picture = async (format) => {
      const title = { text: box.dataset.title, x: 0.01, xanchor: "left", y: 0.98, yanchor: "top" };
      const height = figure.layout.height + 40;
      const margin = { ...figure.layout.margin, t: 48 };
      const layout = layoutFor("light", { title, width: WIDTH, height, paper_bgcolor: "#ffffff", margin });
      const drawn = { data: structuredClone(figure.data), layout };
      const svg = await window.Plotly.toImage(drawn, { format: "svg", width: WIDTH, height });
      save(format === "png" ? await painted(svg, WIDTH * 2, height * 2) : svg, `${box.dataset.name}.${format}`);
    };
    for (const button of document.querySelectorAll("[data-picture]"))
      if ((button.dataset.of ?? "chart") === box.id) button.addEventListener("click", () => picture(button.dataset.picture));

    window.addEventListener("beforeprint", () => window.Plotly.relayout(box, { width: SHEET }));
    window.addEventListener("afterprint", () => window.Plotly.relayout(box, { width: null, autosize: true }));
    dark.addEventListener("change", draw);
    // The chart says it; its table is one click away. Without the chart the table stays open.
    const place = box.closest("section") ?? document;
    const table = place.querySelector("details.table-toggle");
    draw().then(() => table?.removeAttribute("open")).finally(() => told(table));
  };

  // plotly's own PNG goes through a blob: address, which the content policy does not let an image have.
  const painted = async (svg, width, height) => {
    const image = new Image();
    image.src = svg;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    canvas.getContext("2d").drawImage(image, 0, 0, width, height);
    return canvas.toDataURL("image/png");
  };
  const save = (href, download) => Object.assign(document.createElement("a"), { href, download }).click();

  for (const box of document.querySelectorAll(".chart")) {
    const source = document.getElementById(`${box.id}-data`);
    if (source) start(box, JSON.parse(source.textContent));
  }
})();
