"use strict";
(() => {
  document.documentElement.classList.add("js");
  const source = document.getElementById("data");
  if (!source) return;
  const defects = JSON.parse(source.textContent);
  const pictures = document.getElementById("pictures").textContent.split("\n").slice(1);
  const body = document.querySelector(".list tbody");
  const rows = [...body.rows];
  // Places in a defect's numbers.
  const ID = 0, EVENT = 1, KIND = 2, LOCATION = 3, STATUS = 4, DIAMETER = 5;
  const place = new Map(defects.map((defect, index) => [String(defect[ID]), index]));

  // ---- pictures

  const digits = new Uint8Array(128);
  [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"].forEach((c, i) => { digits[c.charCodeAt(0)] = i; });

  function picture(index) {
    const parts = (pictures[index] || "").split(" ");
    if (parts.length < 8) return null;
    const [width, height, column, row, slice, aspect] = parts.map(Number);
    const [grey, bits] = [parts[6], parts[7]];
    const inside = (x, y) => {
      if (x < 0 || y < 0 || x >= width || y >= height) return false;
      const at = y * width + x;
      return (digits[bits.charCodeAt(Math.floor(at / 6))] >> (5 - at % 6) & 1) === 1;
    };
    return { width, height, column, row, slice, aspect, grey, inside };
  }

  function greyCanvas(p) {
    const canvas = document.createElement("canvas");
    canvas.width = p.width;
    canvas.height = p.height;
    const context = canvas.getContext("2d");
    const image = context.createImageData(p.width, p.height);
    for (let i = 0; i < p.width * p.height; i++) {
      const value = Math.round(digits[p.grey.charCodeAt(i)] * 255 / 63);
      image.data.set([value, value, value, 255], 4 * i);
    }
    context.putImageData(image, 0, 0);
    return canvas;
  }

  // The largest of 1, 2, 5 times a power of ten that is not above `most`.
  function round(most) {
    const decade = 10 ** Math.floor(Math.log10(most));
    return [5, 2, 1].map(n => n * decade).find(n => n <= most * 1.0001) || decade;
  }

  // Draws the slice, the outline along the edges of voxels, and a bar of a round length.
  function draw(canvas, index, side, isLarge) {
    const p = picture(index);
    if (!p) return null;
    const pixel = Math.min(side / p.width, side / (p.height * p.aspect));
    const [w, h] = [p.width * pixel, p.height * p.aspect * pixel];
    const density = Math.max(2, Math.ceil(devicePixelRatio || 1));
    const [cw, ch] = isLarge ? [w, h] : [side, side];
    canvas.width = Math.round(cw * density);
    canvas.height = Math.round(ch * density);
    if (isLarge) canvas.style.aspectRatio = w + "/" + h;
    const c = canvas.getContext("2d");
    c.scale(density, density);
    c.translate((cw - w) / 2, (ch - h) / 2);
    c.imageSmoothingEnabled = !isLarge;
    c.imageSmoothingQuality = "high";
    c.drawImage(greyCanvas(p), 0, 0, w, h);
    const dy = pixel * p.aspect;
    c.beginPath();
    for (let y = 0; y <= p.height; y++) {
      for (let x = 0; x <= p.width; x++) {
        const here = p.inside(x, y);
        if (here !== p.inside(x - 1, y)) { c.moveTo(x * pixel, y * dy); c.lineTo(x * pixel, (y + 1) * dy); }
        if (here !== p.inside(x, y - 1)) { c.moveTo(x * pixel, y * dy); c.lineTo((x + 1) * pixel, y * dy); }
      }
    }
    c.lineWidth = isLarge ? 2 : 1.25;
    c.lineCap = "round";
    c.strokeStyle = ["#ff7a33", "#ffc933", "#7fb2ff"][defects[index][STATUS]];
    c.stroke();
    bar(c, pixel, w, h, isLarge);
    return p;
  }

  const table = document.querySelector(".list");
  const voxel = Number(table.dataset.voxel), unit = table.dataset.unit;

  function bar(c, pixel, w, h, isLarge) {
    const length = round(w * 0.4 / pixel * voxel);
    const long = length / voxel * pixel;
    const [x, y, thick, size] = isLarge ? [10, h - 12, 3, 13] : [4, h - 5, 2, 9];
    const text = Number(length.toPrecision(1)) + " " + unit;
    c.font = "600 " + size + "px system-ui, sans-serif";
    c.lineWidth = size / 4.5;
    c.lineJoin = "round";
    c.strokeStyle = "#000b";
    const base = y - size / 4;
    c.strokeText(text, x, base);
    c.fillStyle = "#000b";
    c.fillRect(x - 1, y - 1, long + 2, thick + 2);
    c.fillStyle = "#fff";
    c.fillRect(x, y, long, thick);
    c.fillText(text, x, base);
  }

  function drawIn(row) {
    const cell = row.cells[0];
    if (cell.firstChild) return;
    const canvas = document.createElement("canvas");
    if (draw(canvas, place.get(row.id.slice(1)), 72, false)) cell.append(canvas);
  }

  // Rows get their picture when they come near, and lose it when they are far.
  const watcher = new IntersectionObserver(seen => {
    for (const { target, isIntersecting } of seen) {
      if (isIntersecting) drawIn(target); else if (target.cells[0].firstChild) target.cells[0].firstChild.remove();
    }
  }, { rootMargin: "600px" });
  rows.forEach(row => watcher.observe(row));
  // More would make paper of a thousand pages.
  const mostPrinted = 1000;
  addEventListener("beforeprint", () => {
    watcher.disconnect();
    rows.filter(row => !row.classList.contains("off")).slice(0, mostPrinted).forEach(drawIn);
  });
  addEventListener("afterprint", () => rows.forEach(row => watcher.observe(row)));

  // ---- one defect, in the table and in the maps

  const circles = new Map();
  document.querySelectorAll(".map circle").forEach(circle => {
    const list = circles.get(circle.dataset.d);
    if (list) list.push(circle); else circles.set(circle.dataset.d, [circle]);
  });
  const at = document.getElementById("at");
  let hovered = null, chosen = null, panel = null;

  function mark(id, on) {
    if (id === null) return;
    document.getElementById("d" + id)?.classList.toggle("on", on);
    circles.get(id)?.forEach(circle => circle.classList.toggle("on", on));
  }

  function hover(id) {
    if (id === hovered) return;
    if (hovered !== chosen) mark(hovered, false);
    hovered = id;
    mark(id, true);
    const cells = id === null ? [] : document.getElementById("d" + id).cells;
    const text = index => cells[index].textContent;
    const words = index => cells[index].innerText.replace(/\n+/g, ", ");
    at.textContent = id === null ? "" : text(1) + " · " + words(2) + " · " + cells[4].innerText.split("\n")[0];
  }

  function close() {
    panel?.remove();
    panel = null;
    const last = chosen;
    chosen = null;
    if (last !== hovered) mark(last, false);
  }

  function open(id) {
    const index = place.get(id);
    if (index === undefined) return;
    close();
    chosen = id;
    mark(id, true);
    const row = document.getElementById("d" + id);
    panel = document.createElement("tr");
    panel.className = "more";
    const cell = panel.insertCell();
    cell.colSpan = row.cells.length;
    const box = document.createElement("div");
    box.append(document.getElementById("panel").content.cloneNode(true));
    cell.append(box);
    box.querySelectorAll("dd").forEach(dd => { dd.textContent = filled(defects[index], dd.dataset); });
    const figure = box.querySelector("figure");
    const drawn = draw(figure.querySelector("canvas"), index, 320, true);
    if (drawn) figure.querySelector("figcaption").textContent = table.dataset.slice.replace("{}", drawn.slice);
    else figure.remove();
    row.after(panel);
  }

  function filled(defect, { i, j, p, u, n, w }) {
    const values = i.split(" ").map(index => defect[index]);
    if (w !== undefined) {
      const value = Array.isArray(values[0]) ? values[0][n] : values[0];
      return w.split("|")[value] || "–";
    }
    if (values.some(value => value === null)) return "–";
    return values.map(value => typeof value === "number" ? value.toFixed(p).replace("-", "−") : value).join(j) + u;
  }

  const idOf = target => target.closest(".list tbody tr[id]")?.id.slice(1) ?? null;
  body.addEventListener("mouseover", event => hover(idOf(event.target)));
  body.addEventListener("mouseleave", () => hover(null));
  body.addEventListener("focusin", event => hover(idOf(event.target)));
  body.addEventListener("click", event => {
    const id = idOf(event.target);
    if (id === null || String(getSelection())) return;
    event.preventDefault();
    if (id === chosen) close(); else open(id);
  });
  body.addEventListener("keydown", event => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
    let row = event.target.closest("tr");
    do row = step > 0 ? row.nextElementSibling : row.previousElementSibling; while (row && (!row.id || row.classList.contains("off")));
    if (!row) return;
    event.preventDefault();
    row.querySelector("a").focus();
  });
  document.querySelectorAll(".map").forEach(map => {
    map.addEventListener("mouseover", event => hover(event.target.dataset.d ?? null));
    map.addEventListener("mouseleave", () => hover(null));
    map.addEventListener("click", event => {
      const id = event.target.dataset.d;
      if (id === undefined) return;
      open(id);
      document.getElementById("d" + id).scrollIntoView({ block: "center" });
      document.querySelector("#d" + id + " a").focus({ preventScroll: true });
    });
  });

  // ---- order

  const heads = [...table.querySelectorAll("thead span")];
  function sort(head) {
    const key = Number(head.dataset.s);
    // Sizes are of interest from the top, the rest from the start.
    const isUp = head.className ? head.className === "down" : key <= STATUS;
    heads.forEach(other => { other.className = ""; });
    head.className = isUp ? "up" : "down";
    table.querySelectorAll("thead th").forEach(cell => cell.removeAttribute("aria-sort"));
    head.closest("th").setAttribute("aria-sort", isUp ? "ascending" : "descending");
    const sign = isUp ? 1 : -1;
    const value = row => defects[place.get(row.id.slice(1))][key];
    // What isn't known comes last either way.
    rows.sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      return x === y ? 0 : x === null ? 1 : y === null ? -1 : x < y ? -sign : sign;
    });
    body.append(...rows);
    if (panel) document.getElementById("d" + chosen).after(panel);
  }
  for (const head of heads) {
    head.setAttribute("role", "button");
    head.tabIndex = 0;
    head.addEventListener("click", () => sort(head));
    head.addEventListener("keydown", event => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      sort(head);
    });
  }

  // ---- filters

  const form = document.getElementById("filters");
  const shown = document.getElementById("shown");
  function filter() {
    const value = name => form.elements[name].value.trim();
    const [text, kind, location, status] = ["text", "kind", "location", "status"].map(value);
    const least = Number(value("diameter")) || 0;
    let count = 0;
    for (const row of rows) {
      const defect = defects[place.get(row.id.slice(1))];
      const fits = (kind === "" || defect[KIND] === Number(kind)) && (location === "" || defect[LOCATION] === Number(location))
        && (status === "" || defect[STATUS] === Number(status)) && defect[DIAMETER] >= least
        && (text === "" || String(defect[ID]) === text || defect[EVENT].toLowerCase().includes(text.toLowerCase()));
      row.classList.toggle("off", !fits);
      circles.get(String(defect[ID]))?.forEach(circle => circle.classList.toggle("off", !fits));
      if (fits) count++;
    }
    if (panel && document.getElementById("d" + chosen).classList.contains("off")) close();
    shown.textContent = shown.dataset.text.replace("{}", count);
  }
  form.addEventListener("input", filter);
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  filter();
  if (location.hash.startsWith("#d")) open(location.hash.slice(2));
})();
