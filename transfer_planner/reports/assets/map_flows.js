/* What the map shows of the plan: the whole of it or one day, by level or by priority, some of them left out. */
"use strict";

function makeView(map, layers, data) {
  const state = { day: -1, by: "grade", hidden: new Set(), patient: null, centre: null };
  const treated = (move) => state.day < 0 || (move.days[0] <= state.day && state.day <= move.days[1]);
  const shown = (move) => move.to && !state.hidden.has(move.grade) && !state.hidden.has(move.rank) && treated(move);
  const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const patients = (n) => (n === 1 ? data.words.one : fill(data.words.many, { n }));
  const width = (n) => 1.8 + 8.2 * n / Math.max(data.most, 8);

  /* Count moves by kind of line, the most frequent first; among equals the gravest. */
  function kinds(moves) {
    const counts = new Map();
    moves.forEach((move) => counts.set(move[state.by], (counts.get(move[state.by]) || 0) + 1));
    return [...counts].sort(([a, m], [b, n]) => n - m || data.lines[b].weight - data.lines[a].weight).map(([kind]) => kind);
  }

  function flows() {
    return data.routes.map((route) => {
      const moves = data.moves.filter((move) => move.from === route.from && move.to === route.to && shown(move));
      if (!moves.length) return null;
      const [kind, other] = kinds(moves);
      const style = data.lines[kind];
      return {
        line: route.line, colour: style.colour, core: style.core, width: width(moves.length),
        dashes: style.dashes.map((part) => part * (3 + width(moves.length) * 0.35)).join(" "),
        words: `${moves.length} · ${style.letter}${other ? "+" : ""}`,
        faint: state.patient ? !moves.includes(state.patient) : state.centre && ![route.from, route.to].includes(state.centre),
      };
    }).filter((flow) => flow);
  }

  function arrow(flow) {
    const at = (t) => flow.line[Math.round(t * (flow.line.length - 1))];
    const [a, b] = [map.project(at(0.72), 12), map.project(at(0.78), 12)];
    const turn = Math.atan2(b.y - a.y, b.x - a.x) * 180 / Math.PI;
    const size = 8 + flow.width;
    return L.marker(at(0.75), {
      interactive: false, keyboard: false, opacity: flow.faint ? 0.25 : 1,
      icon: L.divIcon({
        className: "arrow", iconSize: [2 * size, 2 * size],
        html: `<svg viewBox="-1 -1 2 2" aria-hidden="true"><path d="M.75 0L-.6 .72V-.72Z" fill="${flow.colour}" stroke="#fff" stroke-width=".14" transform="rotate(${turn})"/></svg>`,
      }),
    });
  }

  function draw() {
    layers.flows.clearLayers();
    layers.room.clearLayers();
    flows().forEach((flow) => {
      const add = (style) => L.polyline(flow.line, {
        interactive: false, lineCap: "butt", opacity: flow.faint ? 0.25 : 1, smoothFactor: 0, ...style,
      }).addTo(layers.flows);
      add({ color: "#fff", weight: flow.width + 3 });
      add({ color: flow.colour, weight: flow.width, dashArray: flow.dashes || null });
      if (flow.core) add({ color: "#fff", weight: flow.width / 3 });
      arrow(flow).addTo(layers.flows);
    });
    data.stops.forEach((stop) => {
      const left = room(stop);
      if (left) L.circleMarker([stop.lat, stop.lon], {
        interactive: false, radius: 12 + Math.sqrt(left) * 0.6, color: "#1b1f24", weight: 1.5, dashArray: "1 3", fill: false,
      }).addTo(layers.room);
    });
  }

  const room = (stop) => (state.day < 0 ? stop.least : stop.room[state.day]);
  const load = (stop) => (state.day < 0 ? stop.peak : stop.loads[state.day]);

  function lines(stop) {
    const moves = data.moves.filter((move) => move.to === stop.id && shown(move));
    const rows = data.dense ? stop.name.slice(0, 1) : [...stop.name];
    if (moves.length) {
      const [kind, other] = kinds(moves);
      const words = [data.dense ? moves.length : patients(moves.length), data.lines[kind].letter + (other ? "+" : ""), stop.travel];
      const arriving = state.day < 0 ? 0 : moves.filter((move) => move.days[0] === state.day).length;
      if (arriving) words.push(fill(data.words.arrive, { n: arriving }));
      rows.push([words.filter((word) => word).join(" · "), false]);
    }
    stop.staying.forEach((words) => rows.push([words, false]));
    if (map.hasLayer(layers.room) && stop.room.length && room(stop) !== null)
      rows.push([fill(state.day < 0 ? data.words.least : data.words.left, { n: room(stop) }), false]);
    return rows;
  }

  /* Say what is shown, for the ears and for paper. */
  function told(hidden) {
    const moves = data.moves.filter(shown);
    const values = {
      patients: moves.length, centres: new Set(moves.map((move) => move.to)).size, day: data.days[state.day],
      arriving: moves.filter((move) => move.days[0] === state.day).length,
    };
    const words = fill(state.day < 0 ? data.words.transferred : data.words.treated, values);
    return words + (hidden.length ? ". " + fill(data.words.hidden, { what: hidden.join(", ") }) : "") + ".";
  }

  return { state, shown, flows, draw, lines, load, told, fill };
}
