/* Names, numbers and gauges over the map. Labels never cover one another: those that find no room near their centre get a
   leader line, or wait for a closer view. Texts enter the page as text, never as markup. */
"use strict";

/* Return the function that writes everything again; `view` tells what to write: lines and load of a centre, flows. */
function makeNames(map, pane, layers, data, markers, view) {
  const meets = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
  const within = (box, p) => box[0] < p[0] && p[0] < box[2] && box[1] < p[1] && p[1] < box[3];

  function element(className, lines) {
    const box = document.createElement("div");
    box.className = className;
    lines.forEach(([text, bold]) => {
      const row = document.createElement(bold ? "b" : "span");
      row.textContent = text;
      box.append(row);
    });
    pane.append(box);
    return box;
  }

  function gauge([own, ours, share]) {
    const bar = document.createElement("div");
    bar.className = "gauge";
    [own, ours].forEach((share) => {
      const part = document.createElement("i");
      part.style.width = share + "%";
      bar.append(part);
    });
    const row = document.createElement("div");
    row.className = "load";
    row.append(bar, data.words.percent.replace("{n}", share));
    return row;
  }

  /* Move symbols apart until they no longer touch. */
  function spread(points) {
    for (let round = 0; round < 40; round++) {
      let still = true;
      for (let i = 0; i < points.length; i++) for (let j = 0; j < i; j++) {
        const [p, q] = [points[i], points[j]];
        const dx = p.x - q.x, dy = p.y - q.y, gap = Math.hypot(dx, dy), lack = p.r + q.r - gap;
        if (lack <= 0.1) continue;
        still = false;
        const [ux, uy] = gap ? [dx / gap, dy / gap] : [1, 0];
        p.x += ux * lack / 2; p.y += uy * lack / 2; q.x -= ux * lack / 2; q.y -= uy * lack / 2;
      }
      if (still) break;
    }
  }

  const side = ([a, b], p) => (b[0] - a[0]) * (p[1] - a[1]) > (b[1] - a[1]) * (p[0] - a[0]);
  const crosses = (a, b) => side(a, b[0]) !== side(a, b[1]) && side(b, a[0]) !== side(b, a[1]);

  /* The best free box near a symbol: near, to the east if it may be, on little ink, nearer to no other symbol. */
  function place(point, width, height, must, taken, ink, frame, points, lines) {
    let best = null;
    for (const distance of must ? [3, 12, 26, 44, 66, 92, 122, 156, 194, 236] : [3, 12]) {
      if (best && best.cost < distance) break;
      for (let k = 0; k < 24; k++) {
        const c = Math.cos(k * Math.PI / 12), s = Math.sin(k * Math.PI / 12), reach = point.r + distance;
        const x = point.x + c * reach - width * (1 - c) / 2, y = point.y + s * reach - height * (1 - s) / 2;
        const box = [x, y, x + width, y + height];
        if (x < frame[0] || y < frame[1] || box[2] > frame[2] || box[3] > frame[3] || taken.some((t) => meets(box, t))) continue;
        const end = [Math.min(Math.max(point.x, box[0]), box[2]), Math.min(Math.max(point.y, box[1]), box[3])];
        let crossed = 0;
        if (distance > 12) for (let i = 1; i < 10; i++) {
          const p = [point.x + (end[0] - point.x) * i / 10, point.y + (end[1] - point.y) * i / 10];
          crossed += taken.filter((t) => within(t, p) && !within(t, [point.x, point.y])).length;
        }
        if (distance > 12) crossed += 4 * lines.filter((line) => crosses([[point.x, point.y], end], line)).length;
        const own = Math.hypot(end[0] - point.x, end[1] - point.y);
        const doubtful = points.some((o) => o !== point
          && Math.hypot(Math.min(Math.max(o.x, box[0]), box[2]) - o.x, Math.min(Math.max(o.y, box[1]), box[3]) - o.y) < own);
        const cost = distance + 9 * ink.filter((p) => within(box, p)).length + 15 * (distance > 12) + 40 * crossed + 200 * doubtful + 5 * (1 - c);
        if (!best || cost < best.cost) best = { cost, box, end, far: distance > 12 };
      }
    }
    return best;
  }

  return function write() {
    pane.textContent = "";
    const size = map.getSize();
    const corner = map.containerPointToLayerPoint([0, 0]);
    const frame = [corner.x + 4, corner.y + 4, corner.x + size.x - 4, corner.y + size.y - 4];
    const layer = (lat, lon) => map.latLngToLayerPoint([lat, lon]);
    const radius = { fallen: 13, destination: 11, blocked: 10, unused: 7 };
    const flows = map.hasLayer(layers.flows) ? view.flows() : [];
    const points = data.stops.map((stop) => {
      const p = layer(stop.lat, stop.lon);
      return { stop, x: p.x, y: p.y, x0: p.x, y0: p.y, r: radius[stop.part] };
    }).filter((p) => p.x > frame[0] && p.y > frame[1] && p.x < frame[2] && p.y < frame[3]);
    spread(points);
    const taken = points.map((p) => [p.x - p.r, p.y - p.r, p.x + p.r, p.y + p.r]);
    const box = map.getContainer().getBoundingClientRect();
    map.getContainer().querySelectorAll(".leaflet-control").forEach((control) => {
      const c = control.getBoundingClientRect();
      taken.push([corner.x + c.left - box.left - 4, corner.y + c.top - box.top - 4, corner.x + c.right - box.left + 4, corner.y + c.bottom - box.top + 4]);
    });
    let drawing = "";
    points.forEach((p) => {
      const picture = markers[p.stop.id].getElement().firstChild;
      picture.style.transform = `translate(${p.x - p.x0}px,${p.y - p.y0}px)`;
      if (Math.hypot(p.x - p.x0, p.y - p.y0) > 3)
        drawing += `<path d="M${p.x0} ${p.y0}L${p.x} ${p.y}" class="leader"/><circle cx="${p.x0}" cy="${p.y0}" r="1.8"/>`;
    });
    const ink = [];
    const lines = flows.map((flow) => flow.line.map((spot) => layer(...spot)));
    lines.forEach((line) => line.forEach((p, i) => {
      if (i) for (const t of [0.5, 1]) ink.push([p.x * t + line[i - 1].x * (1 - t), p.y * t + line[i - 1].y * (1 - t)]);
    }));
    const signs = [...(map.hasLayer(layers.bands) ? data.bands : []), ...(map.hasLayer(layers.domains) && !data.dense ? data.hubs : [])];
    signs.forEach((band) => {
      const p = layer(band.lat, band.lon), words = element("band", [[band.words, false]]);
      const w = words.offsetWidth / 2, h = words.offsetHeight / 2, t = [p.x - w, p.y - h, p.x + w, p.y + h];
      if (taken.some((o) => meets(t, o))) { words.remove(); return; }
      words.style.left = t[0] + "px"; words.style.top = t[1] + "px";
      taken.push(t);
    });
    const few = points.length <= 40;
    const labels = points.map((p, rank) => {
      const label = element("name " + p.stop.part, view.lines(p.stop));
      const load = !data.dense && map.hasLayer(layers.loads) && view.load(p.stop);
      if (load) label.append(gauge(load));
      return { p, rank, label, w: label.offsetWidth, h: label.offsetHeight, must: p.stop.part !== "unused" || few };
    });
    /* Several orders, the best kept: most names placed, then nearest to their symbols. */
    const keys = [(l) => l.rank, (l) => l.p.x, (l) => -l.p.x, (l) => l.p.y, (l) => -l.p.y,
      (l) => -labels.filter((o) => Math.hypot(o.p.x - l.p.x, o.p.y - l.p.y) < 120).length];
    let best = null;
    for (const key of labels.length <= 60 ? keys : keys.slice(0, 1)) {
      const order = [...labels].sort((l, m) => m.must - l.must || key(l) - key(m));
      const full = [...taken], inked = [...ink], leads = [], spots = new Map();
      let cost = 0;
      for (const l of order) {
        const spot = place(l.p, l.w, l.h, l.must, full, inked, frame, points, leads);
        if (!spot) { cost += 1000; continue; }
        cost += spot.cost;
        spots.set(l, spot);
        full.push([spot.box[0] - 7, spot.box[1] - 1, spot.box[2] + 7, spot.box[3] + 1]);
        if (spot.far) leads.push([[l.p.x, l.p.y], spot.end]);
        if (spot.far) for (let i = 1; i < 10; i++) for (let k = 0; k < 3; k++)
          inked.push([l.p.x + (spot.end[0] - l.p.x) * i / 10, l.p.y + (spot.end[1] - l.p.y) * i / 10]);
      }
      if (!best || cost < best.cost) best = { cost, spots };
    }
    labels.forEach((l) => {
      const spot = best && best.spots.get(l);
      if (!spot) { l.label.remove(); return; }
      l.label.style.left = spot.box[0] + "px"; l.label.style.top = spot.box[1] + "px";
      if (spot.box[2] <= l.p.x + 2) l.label.classList.add("left");
      taken.push([spot.box[0] - 7, spot.box[1] - 1, spot.box[2] + 7, spot.box[3] + 1]);
      if (spot.far) drawing += `<path d="M${l.p.x} ${l.p.y}L${spot.end[0]} ${spot.end[1]}" class="leader"/>`;
    });
    // The label of the destination already gives the number: a short flow, or a crowded map, goes without.
    lines.forEach((line, i) => {
      const pill = element("pill", [[flows[i].words, true]]);
      pill.style.borderColor = flows[i].colour;
      const w = pill.offsetWidth / 2, h = pill.offsetHeight / 2;
      const spot = !data.dense && line[0].distanceTo(line[line.length - 1]) > 5 * w
        && [0.5, 0.56, 0.44, 0.62, 0.38].map((t) => line[Math.round(t * (line.length - 1))]).map((p) => [p.x - w, p.y - h, p.x + w, p.y + h]).find((t) => !taken.some((o) => meets(t, o)));
      if (!spot) { pill.remove(); return; }
      pill.style.left = spot[0] + "px"; pill.style.top = spot[1] + "px";
      taken.push(spot);
    });
    const leaders = document.createElement("div");
    leaders.innerHTML = `<svg class="leaders" width="1" height="1">${drawing}</svg>`;
    pane.prepend(leaders.firstChild);
  };
}
