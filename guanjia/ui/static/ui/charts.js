/* Charts: draws what a page put beside each box as JSON. Nothing moves; a click opens the rows.
   Colours and their order are the page's own custom properties. Needs echarts.min.js. */
(function () {
  "use strict";

  const drawn = [];
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const inks = () => ["--gj-c1", "--gj-c3", "--gj-c2", "--gj-c6"].map(token);
  const said = (value, places) => (value === null || value === undefined ? "—" : Number(value).toLocaleString("zh-CN", { minimumFractionDigits: places, maximumFractionDigits: places }));

  function option(data, narrow) {
    const grey = token("--gj-ink-3"), ink = token("--gj-ink"), font = token("--gj-font");
    const text = { fontFamily: font, fontSize: 12, color: grey };
    const names = {
      type: "category", data: data.categories, inverse: data.flat,
      axisTick: { show: false }, axisLine: { lineStyle: { color: token("--gj-line-2") } },
      axisLabel: Object.assign({}, text, data.flat ? { width: narrow ? 84 : 128, overflow: "truncate", color: token("--gj-ink-2") } : { hideOverlap: true }),
      triggerEvent: false,
    };
    const amounts = {
      type: "value", min: 0, splitNumber: 3, minInterval: data.places ? 0 : 1,
      axisLine: { show: false }, axisTick: { show: false },
      axisLabel: Object.assign({}, text, { formatter: (value) => Number(value).toLocaleString("zh-CN", { maximumFractionDigits: 2 }), hideOverlap: true }),
      splitLine: { lineStyle: { color: "#eef1f4" } },
    };
    if (data.flat && data.labels) amounts.axisLabel.show = false;
    const one = data.series.length === 1;
    const totals = data.categories.map((_, n) => data.series.reduce((sum, each) => sum + (each.values[n] || 0), 0));
    const palette = inks();
    const series = data.series.map((each, place) => ({
      name: each.name, type: "bar", data: each.values,
      stack: data.stacked ? "all" : undefined,
      itemStyle: { color: palette[place] },
      barMaxWidth: data.flat ? 14 : 36, barGap: "10%", cursor: each.urls.length ? "pointer" : "default",
      label: {
        show: data.labels && (one || (data.stacked && place === data.series.length - 1)),
        position: data.flat ? "right" : "top", fontFamily: font, fontSize: 12, fontWeight: 600, color: ink,
        formatter: (at) => { const value = data.stacked ? totals[at.dataIndex] : at.value; return value ? said(value, data.places) : ""; },
      },
    }));
    return {
      animation: false, textStyle: { fontFamily: font },
      aria: { enabled: false },
      grid: { left: 4, right: data.flat ? 64 : 8, top: one ? (data.flat ? 6 : 22) : 34, bottom: 4, containLabel: true },
      legend: one ? { show: false } : { top: 0, right: 0, icon: "rect", itemWidth: 10, itemHeight: 10, itemGap: 14, textStyle: Object.assign({}, text, { color: token("--gj-ink-2") }), selectedMode: false },
      tooltip: {
        trigger: "axis", axisPointer: { type: "shadow", shadowStyle: { color: "rgba(27,79,156,.05)" } }, confine: true, transitionDuration: 0,
        backgroundColor: token("--gj-paper"), borderColor: token("--gj-line-2"), textStyle: { fontFamily: font, fontSize: 12, color: ink },
        valueFormatter: (value) => `${said(value, data.places)} ${data.unit}`.trim(),
      },
      xAxis: data.flat ? amounts : names,
      yAxis: data.flat ? names : amounts,
      series,
    };
  }

  // A line between two categories: no axis knows that place, so it is measured after drawing.
  function ruled(chart, data) {
    if (!data.line) return;
    const axis = data.flat ? { yAxisIndex: 0 } : { xAxisIndex: 0 };
    const ends = [data.line.before - 1, data.line.before].map((at) => chart.convertToPixel(axis, at));
    const place = (ends[0] + ends[1]) / 2, stop = token("--gj-stop");
    const wide = chart.getWidth(), high = chart.getHeight();
    const shape = data.flat ? { x1: 4, y1: place, x2: wide - 4, y2: place } : { x1: place, y1: 18, x2: place, y2: high - 24 };
    chart.setOption({
      graphic: { elements: [
        { id: "line", type: "line", silent: true, z: 10, shape, style: { stroke: stop, lineDash: [4, 3], lineWidth: 1 } },
        { id: "word", type: "text", silent: true, z: 10, x: data.flat ? wide - 6 : place + 4, y: data.flat ? place - 16 : 4, style: { text: data.line.title, fill: stop, font: `12px ${token("--gj-font")}`, textAlign: data.flat ? "right" : "left" } },
      ] },
    });
  }

  function draw(figure) {
    const source = document.getElementById(figure.dataset.chart);
    const box = figure.querySelector(".gj-chart-box");
    if (!source || !box || figure.hasAttribute("data-drawn")) return;
    const data = JSON.parse(source.textContent);
    figure.setAttribute("data-drawn", "");
    const chart = window.echarts.init(box, null, { renderer: "svg", locale: "ZH" });
    chart.setOption(option(data, box.clientWidth < 480));
    ruled(chart, data);
    chart.on("click", (at) => {
      const each = data.series[at.seriesIndex];
      const url = each && each.urls[at.dataIndex];
      if (url) window.location.assign(url);
    });
    drawn.push({ chart, data, box });
  }

  function all() {
    if (!window.echarts) return;
    document.querySelectorAll("[data-chart]").forEach(draw);
  }

  let waiting = 0;
  function resize() {
    window.cancelAnimationFrame(waiting);
    waiting = window.requestAnimationFrame(() => drawn.forEach((each) => {
      each.chart.resize();
      each.chart.setOption(option(each.data, each.box.clientWidth < 480));
      ruled(each.chart, each.data);
    }));
  }

  all();
  window.addEventListener("resize", resize);
  window.addEventListener("beforeprint", () => drawn.forEach((each) => each.chart.resize()));
  document.addEventListener("htmx:afterSettle", all);
})();
