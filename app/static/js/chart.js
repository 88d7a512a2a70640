// Draws the chart whose document stands in #chart-data, in the colours of the page's scheme, and again on a change.
(() => {
  const box = document.getElementById("chart");
  const source = document.getElementById("chart-data");
  if (!box || !source || !window.Plotly) return;
  const figure = JSON.parse(source.textContent);
  const names = figure.data[0].y;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const settings = { displayModeBar: false, responsive: true };

  // On a phone the names stand above their bars instead of taking half the width.
  const narrow = (layout) => ({
    ...layout,
    height: 40 + 46 * names.length + (layout.showlegend ? layout.margin.b : 0),
    bargap: 0.62,
    xaxis: { ...layout.xaxis, nticks: 3, tickangle: 0 },
    yaxis: { ...layout.yaxis, showticklabels: false, automargin: false },
    annotations: names.map((name) => ({
      x: 0, y: name, text: name, xanchor: "left", yanchor: "bottom", yshift: 8, showarrow: false, font: { size: 12 },
    })),
  });
  const layoutFor = (scheme, given = {}) => ({ ...structuredClone(figure.layout), template: figure.templates[scheme], ...given });

  const draw = () => {
    const wide = layoutFor(dark.matches ? "dark" : "light");
    const layout = box.clientWidth < 560 ? narrow(wide) : wide;
    return window.Plotly.react(box, structuredClone(figure.data), layout, settings);
  };

  // A picture goes into reports: always light, on white, with a title that says what it shows.
  const WIDTH = 1200;
  const picture = async (format) => {
    const title = { text: box.dataset.title, x: 0.01, xanchor: "left", y: 0.98, yanchor: "top" };
    const height = figure.layout.height + 40;
    const layout = layoutFor("light", { title, width: WIDTH, height, paper_bgcolor: "#ffffff", margin: { ...figure.layout.margin, t: 48 } });
    const drawn = { data: structuredClone(figure.data), layout };
    const svg = await window.Plotly.toImage(drawn, { format: "svg", width: WIDTH, height });
    save(format === "png" ? await painted(svg, WIDTH * 2, height * 2) : svg, `${box.dataset.name}.${format}`);
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
  for (const button of document.querySelectorAll("[data-picture]"))
    button.addEventListener("click", () => picture(button.dataset.picture));

  // A4 less its margins, in CSS pixels: a printed chart fills the sheet and no more.
  const SHEET = 690;
  window.addEventListener("beforeprint", () => window.Plotly.relayout(box, { width: SHEET }));
  window.addEventListener("afterprint", () => window.Plotly.relayout(box, { width: null, autosize: true }));
  dark.addEventListener("change", draw);
  // The chart says it; its table is one click away. Without the chart the table stays open.
  draw().then(() => document.querySelector("details.table-toggle")?.removeAttribute("open"));
})();
