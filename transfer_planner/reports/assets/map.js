/* The interactive map: centres that open, tools, keyboard, print. Texts enter the page as text, never as markup. */
"use strict";

function startMap(map, layers) {
  const data = JSON.parse(document.getElementById("map-data").textContent);
  const pane = map.createPane("names");
  pane.style.zIndex = 650;
  pane.style.pointerEvents = "none";
  pane.setAttribute("aria-hidden", "true");
  const markers = {};
  const view = makeView(map, layers, data);
  const { state } = view;
  const write = makeNames(map, pane, layers, data, markers, view);
  L.control.scale({ imperial: false }).addTo(map);
  const box = map.getContainer();
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", data.words.map);
  [["in", data.words.zoom_in], ["out", data.words.zoom_out]].forEach(([way, words]) => {
    const button = box.querySelector(".leaflet-control-zoom-" + way);
    button.title = words;
    button.setAttribute("aria-label", words);
  });

  data.stops.forEach((stop) => {
    const icon = L.divIcon({
      className: "stop " + stop.part,
      iconSize: [32, 32],
      html: '<svg width="32" height="32" viewBox="0 0 32 32" aria-hidden="true">' + stop.symbol + "</svg>",
    });
    const marker = L.marker([stop.lat, stop.lon], {
      icon, title: stop.title, alt: stop.title, zIndexOffset: { fallen: 900, destination: 600, blocked: 300, unused: 0 }[stop.part],
    }).addTo(map);
    marker.getElement().setAttribute("aria-label", stop.title);
    marker.on("click keypress", ({ type, originalEvent }) => { if (type === "click" || originalEvent.key === "Enter") open(stop.id); });
    markers[stop.id] = marker;
  });

  /* What opens on a centre stands at the head of the panel; leaving it, the keyboard goes back where it was. */
  const about = document.getElementById("about");
  let opener = null;

  function open(id) {
    const told = document.getElementById("about-" + id).content.cloneNode(true), title = told.querySelector("h2");
    if (state.patient && state.patient.at === id) {
      const line = document.createElement("p"), code = document.createElement("b");
      line.className = "patient";
      code.textContent = state.patient.code;
      line.append(code, " · " + state.patient.words);
      title.after(line);
    }
    const leave = document.createElement("button");
    leave.type = "button";
    leave.className = "close";
    leave.textContent = data.words.close;
    leave.addEventListener("click", close);
    if (!about.contains(document.activeElement)) opener = document.activeElement;
    about.replaceChildren(told, leave);
    about.setAttribute("aria-label", title.textContent);
    about.hidden = false;
    state.centre = id;
    show();
    if (!map.getBounds().contains(markers[id].getLatLng())) map.panTo(markers[id].getLatLng());
    title.tabIndex = -1;
    title.focus();
  }

  function close() {
    if (about.hidden) return;
    const inside = about.contains(document.activeElement);
    about.hidden = true;
    state.centre = null;
    show();
    if (inside && opener && opener.isConnected) opener.focus();
  }

  document.querySelectorAll("[data-stop]").forEach((button) => button.addEventListener("click", () => open(button.dataset.stop)));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });

  /* From a centre, an arrow key goes to the nearest centre on that side. */
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  Object.entries(markers).forEach(([id, marker]) => marker.getElement().addEventListener("keydown", (event) => {
    const way = ways[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    const here = map.latLngToLayerPoint(marker.getLatLng());
    const reach = Object.values(markers).map((other) => {
      const there = map.latLngToLayerPoint(other.getLatLng()), dx = there.x - here.x, dy = there.y - here.y;
      const ahead = dx * way[0] + dy * way[1], aside = Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
      return { other, ahead, cost: ahead + 2 * aside };
    }).filter((found) => found.other !== marker && found.ahead > 1).sort((a, b) => a.cost - b.cost);
    if (reach.length) reach[0].other.getElement().focus();
  }));

  const slider = document.getElementById("day"), day = document.getElementById("day-words");
  const boxes = [...document.querySelectorAll('#tools input[type="checkbox"]')];
  function show() {
    state.day = slider.value - 1;
    state.by = document.querySelector('#tools input[name="by"]:checked').value;
    document.body.dataset.by = state.by;
    const off = boxes.filter((choice) => !choice.checked);
    state.hidden = new Set(off.map((choice) => choice.value));
    const words = state.day < 0 ? data.words.whole : data.days[state.day];
    day.textContent = words;
    slider.setAttribute("aria-valuetext", words);
    document.getElementById("shown").textContent = view.told(off.map((choice) => choice.parentNode.textContent));
    about.querySelectorAll("[data-day]").forEach((row) => row.setAttribute("aria-current", row.dataset.day === data.days[state.day] ? "date" : "false"));
    Object.entries(markers).forEach(([id, marker]) => marker.getElement().classList.toggle("chosen", id === state.centre));
    view.draw();
    write();
  }
  document.getElementById("tools").addEventListener("input", (event) => { if (event.target.id !== "find") show(); });

  makeSearch(data, view, (entry) => {
    state.patient = entry && entry.move;
    if (state.patient && state.patient.to && !view.shown(state.patient)) {
      slider.value = 0;
      boxes.forEach((choice) => { choice.checked = true; });
    }
    if (entry) open(entry.stop); else close();
  });

  const home = () => map.fitBounds(data.home, { padding: [24, 24], animate: false });
  home();
  map.on("resize", home);
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(box);
  map.on("moveend overlayadd overlayremove", write);
  map.whenReady(() => document.fonts.ready.then(show));
  // On paper the map takes the width of the sheet.
  const fit = () => { map.invalidateSize({ animate: false }); home(); write(); };
  matchMedia("print").addEventListener("change", fit);
  window.addEventListener("beforeprint", fit);
  window.addEventListener("afterprint", fit);
}
