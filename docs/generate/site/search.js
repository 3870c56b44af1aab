// Searches the sections of the manual (INDEX, a list of [page, anchor, title, text]) for all words that were typed.
"use strict";
const box = document.getElementById("search");
const list = document.getElementById("found");
const MOST = 12;

// Smaller is better; undefined where a word is missing. A title counts more than a text, and a type less than what explains.
function rank([page, , title, text], words) {
  const head = title.toLowerCase(), body = text.toLowerCase();
  let sum = page === "types.html" ? 900 : 0;
  for (const word of words) {
    const inHead = head.indexOf(word), inBody = body.indexOf(word);
    if (inHead < 0 && inBody < 0) return undefined;
    sum += inHead >= 0 ? inHead + head.length / 10 : 1000 + inBody;
  }
  return sum;
}

function excerpt(text, word) {
  const at = Math.max(0, text.toLowerCase().indexOf(word) - 30);
  return (at > 0 ? "… " : "") + text.slice(at, at + 140);
}

function show() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = words.length === 0 ? [] : INDEX
    .map((section) => ({ section, value: rank(section, words) }))
    .filter((hit) => hit.value !== undefined)
    .sort((a, b) => a.value - b.value)
    .slice(0, MOST);
  list.replaceChildren(...found.map(({ section: [page, anchor, title, text] }) => {
    const item = document.createElement("li"), link = document.createElement("a");
    const name = document.createElement("strong"), piece = document.createElement("span");
    link.href = page + "#" + anchor;
    name.textContent = title;
    piece.textContent = excerpt(text, words[0]);
    link.append(name, piece);
    item.append(link);
    return item;
  }));
  if (found.length === 0) list.append(Object.assign(document.createElement("li"), { textContent: "nothing found" }));
  list.hidden = words.length === 0;
}

function move(step) {
  const items = [...list.children];
  if (items.length === 0) return;
  const now = items.findIndex((item) => item.classList.contains("chosen"));
  items[now]?.classList.remove("chosen");
  items[(now + step + items.length) % items.length].classList.add("chosen");
}

box.addEventListener("input", show);
box.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") move(1);
  else if (event.key === "ArrowUp") move(-1);
  else if (event.key === "Enter") (list.querySelector(".chosen a") ?? list.querySelector("a"))?.click();
  else if (event.key === "Escape") { box.value = ""; show(); }
  else return;
  event.preventDefault();
});
list.addEventListener("click", () => { list.hidden = true; });
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== box) { event.preventDefault(); box.focus(); }
});
if (matchMedia("(max-width: 50rem)").matches) document.querySelector("nav details").open = false;
