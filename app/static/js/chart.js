// Draws the chart whose document stands in #chart-data, in the colours of the page's scheme, and again on a change.
(() => {
  const box = document.getElementById("chart");
  const source = document.getElementById("chart-data");
  if (!box || !source || !window.Plotly) return;
  const figure = JSON.parse(source.textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const paper = window.matchMedia("print");
  const settings = { displayModeBar: false, responsive: true, locale: "vi" };

  // On a phone the names stand above their bars instead of taking half the width.
  const narrow = (layout, names) => ({
    ...layout,
    height: 40 + 46 * names.length,
    bargap: 0.62,
    xaxis: { ...layout.xaxis, nticks: 3, tickangle: 0 },
    yaxis: { ...layout.yaxis, showticklabels: false, automargin: false },
    annotations: names.map((name) => ({
      x: 0, y: name, text: name, xanchor: "left", yanchor: "bottom", yshift: 8, showarrow: false, font: { size: 11 },
    })),
  });

  const draw = () => {
    const scheme = dark.matches && !paper.matches ? "dark" : "light";
    const wide = { ...structuredClone(figure.layout), template: figure.templates[scheme] };
    const layout = box.clientWidth < 560 ? narrow(wide, figure.data[0].y) : wide;
    window.Plotly.react(box, structuredClone(figure.data), layout, settings);
  };
  // A4 less its margins, in CSS pixels: a printed chart fills the sheet and no more.
  const SHEET = 690;
  window.addEventListener("beforeprint", () => window.Plotly.relayout(box, { width: SHEET }));
  window.addEventListener("afterprint", () => window.Plotly.relayout(box, { width: null, autosize: true }));
  dark.addEventListener("change", draw);
  draw();
})();
