"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  byId("scriptless").hidden = true;
  const words = JSON.parse(byId("words").textContent);
  const one = byId("one"), two = byId("two"), shown = byId("shown");
  const cases = new Map();
  for (const template of document.querySelectorAll("template[data-fall]")) {
    for (const id of template.dataset.fall.split(" ")) cases.set(id, template);
  }

  // ---- what falls: its map and its figures
  const idsOf = (id) => (cases.has(id) ? cases.get(id).dataset.fall.split(" ") : [id]);
  const chosen = () => {
    const first = one.value.replace(/^centre:/, "");
    const pair = one.value.startsWith("centre:") && two.value && two.value !== first;
    return pair ? "pair:" + [first, two.value].sort().join("+") : one.value;
  };
  const choose = (id) => {
    const pair = idsOf(id).find((name) => name.startsWith("pair:"));
    const own = idsOf(id).find((name) => [...one.options].some((option) => option.value === name));
    const ends = pair ? pair.slice(5).split("+") : [];
    one.value = own || "centre:" + ends[0];
    two.value = own ? "" : ends[1] || "";
  };
  const show = (id, focus) => {
    two.disabled = !one.value.startsWith("centre:");
    for (const option of two.options) option.disabled = one.value === "centre:" + option.value;
    const template = cases.get(id);
    if (template) shown.replaceChildren(template.content.cloneNode(true));
    else shown.textContent = words.unknown;
    const names = idsOf(id);
    for (const cell of document.querySelectorAll(".cell")) cell.classList.toggle("chosen", names.includes(cell.dataset.fall));
    if (!focus) return;
    byId("explore").scrollIntoView();
    const head = shown.querySelector("h3");
    if (head) head.focus({ preventScroll: true });
  };
  const open = (id) => {
    choose(id);
    history.replaceState(null, "", "#case=" + encodeURIComponent(id));
    show(id, true);
  };
  one.addEventListener("change", () => {
    if (one.value === "centre:" + two.value || !one.value.startsWith("centre:")) two.value = "";
    show(chosen(), false);
  });
  two.addEventListener("change", () => show(chosen(), false));
  const asked = decodeURIComponent((location.hash.match(/^#case=(.*)$/) || [])[1] || "");
  if (cases.has(asked)) open(asked);
  else show(one.value, false);

  // ---- the pairs: one stop of the keyboard, arrows from cell to cell
  const cells = [...document.querySelectorAll("#pairs .cell")];
  const at = new Map(cells.map((cell) => [cell.dataset.at, cell]));
  cells.forEach((cell, index) => {
    cell.setAttribute("role", "button");
    cell.setAttribute("tabindex", index ? "-1" : "0");
    cell.setAttribute("aria-label", cell.querySelector("title").textContent);
    cell.addEventListener("click", () => open(cell.dataset.fall));
    cell.addEventListener("keydown", (event) => {
      const [row, column] = cell.dataset.at.split(",").map(Number);
      const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (event.key === "Enter" || event.key === " ") open(cell.dataset.fall);
      else if (step) {
        const next = at.get([row + step[0], column + step[1]].join(","));
        if (next) {
          cell.setAttribute("tabindex", "-1");
          next.setAttribute("tabindex", "0");
          next.focus();
        }
      } else return;
      event.preventDefault();
    });
  });

  // ---- all cases: sort and filter
  const table = byId("all"), body = table.tBodies[0], rows = [...body.rows];
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.v === undefined ? null : Number(cell.dataset.v);
  };
  const compare = (a, b, column) => {
    const x = value(a, column), y = value(b, column);
    if (x === null && y === null) return a.cells[column].textContent.localeCompare(b.cells[column].textContent, document.documentElement.lang);
    return x === null ? -1 : y === null ? 1 : x - y;
  };
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    head.firstChild.addEventListener("click", () => {
      const numbers = rows.some((row) => value(row, column) !== null);
      const now = head.getAttribute("aria-sort");
      const down = now ? now === "ascending" : numbers;
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      rows.sort((a, b) => (down ? -1 : 1) * compare(a, b, column));
      body.append(...rows);
    });
  });
  const filter = () => {
    const wanted = plain(byId("find").value).split(/\s+/).filter(Boolean), kind = byId("kind").value;
    let left = 0;
    for (const row of rows) {
      const text = plain(row.textContent);
      row.hidden = !(wanted.every((word) => text.includes(word)) && (!kind || row.dataset.kind === kind));
      left += !row.hidden;
    }
    byId("rows").textContent = words.rows.replace("{n}", left).replace("{all}", rows.length);
  };
  byId("find").addEventListener("input", filter);
  byId("kind").addEventListener("change", filter);
  filter();
  for (const button of document.querySelectorAll("button[data-fall]")) button.addEventListener("click", () => open(button.dataset.fall));
})();
