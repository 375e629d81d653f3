/* Search by patient code or centre: a list under the field, walked with the arrows, chosen with Enter, left with Escape. */
"use strict";

function makeSearch(data, view, choose) {
  const field = document.getElementById("find"), list = document.getElementById("found");
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const entries = [
    ...data.moves.map((move) => ({ key: plain(move.code), label: move.code, words: move.words, move, stop: move.at })),
    ...data.stops.map((stop) => ({ key: plain(stop.plain), label: stop.plain, words: "", move: null, stop: stop.id })),
  ];
  let found = [], at = -1;

  function close() {
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
    at = -1;
  }

  function mark(row) {
    at = row;
    [...list.children].forEach((option, i) => option.setAttribute("aria-selected", i === at));
    field.setAttribute("aria-activedescendant", at < 0 ? "" : list.children[at].id);
    if (at >= 0) list.children[at].scrollIntoView({ block: "nearest" });
  }

  function take(entry) {
    field.value = entry.label;
    close();
    choose(entry);
  }

  function option(entry, row) {
    const line = document.createElement("span"), name = document.createElement("b");
    line.id = "found-" + row;
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", "false");
    name.textContent = entry.label;
    line.append(name, " " + entry.words);
    line.addEventListener("mousedown", (event) => { event.preventDefault(); take(entry); });
    return line;
  }

  function look() {
    const asked = plain(field.value.trim());
    const rank = (entry) => (entry.key === asked ? 0 : entry.key.startsWith(asked) ? 1 : entry.key.includes(asked) ? 2 : 3);
    found = !asked ? [] : entries.filter((entry) => rank(entry) < 3).sort((a, b) => rank(a) - rank(b)).slice(0, 8);
    list.textContent = "";
    found.forEach((entry, row) => list.append(option(entry, row)));
    if (asked && !found.length) list.append(Object.assign(document.createElement("em"), { textContent: data.words.nothing }));
    list.hidden = !asked;
    field.setAttribute("aria-expanded", String(found.length > 0));
    at = -1;
    field.removeAttribute("aria-activedescendant");
    if (!asked) choose(null);
  }

  field.addEventListener("input", look);
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      if (list.hidden) { field.value = ""; choose(null); }
      close();
    } else if (event.key === "Enter") {
      if (!found.length) look();
      if (found.length) take(found[Math.max(at, 0)]);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && found.length) {
      list.hidden = false;
      field.setAttribute("aria-expanded", "true");
      mark((at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
