// What the pages gain with JavaScript; without it every form still works.
(() => {
  "use strict";
  const items = () => Array.from(document.querySelectorAll("[data-item]"));
  const said = () => document.getElementById("said");
  const dialog = document.getElementById("keys");
  const storedOff = () => { try { return localStorage.getItem("rapport-keys") === "off"; } catch { return false; } };

  // Remembers the row that was acted on, so that focus stays in the list after a swap.
  let last = 0;
  document.addEventListener("htmx:beforeRequest", (event) => {
    const row = event.target.closest("[data-item]");
    if (row) last = items().indexOf(row);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!event.detail.target || !event.detail.target.matches("[data-item]")) return;
    const rows = items();
    (rows[last] || rows[rows.length - 1])?.focus();
  });
  document.addEventListener("htmx:responseError", (event) => {
    const area = said();
    if (!area) return;
    const box = document.createElement("div");
    box.className = "said failed";
    box.textContent = event.detail.xhr.status === 409
      ? "Somebody changed this in the meantime. Reload the page to see it."
      : "That did not work. Reload the page and try again.";
    area.replaceChildren(box);
  });
  document.addEventListener("htmx:sendError", () => {
    const area = said();
    if (area) area.textContent = "No connection to the server. Nothing was changed.";
  });

  // A signature: strokes of finger, pen or mouse become a PNG in the file field beside the canvas.
  for (const pad of document.querySelectorAll("[data-sign]")) {
    const canvas = pad.querySelector("canvas");
    const field = pad.closest("form").querySelector("input[type=file]");
    const pen = canvas.getContext("2d");
    if (!pen || typeof DataTransfer !== "function") continue;
    let drawing = null;
    const wipe = () => {
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.strokeStyle = pen.fillStyle = "#1b1d1f";
      pen.lineWidth = 5;
      pen.lineCap = pen.lineJoin = "round";
      canvas.dataset.strokes = "0";
    };
    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      return [(event.clientX - box.left) * canvas.width / box.width, (event.clientY - box.top) * canvas.height / box.height];
    };
    const keep = () => canvas.toBlob((blob) => {
      if (!blob || canvas.dataset.strokes === "0") return;
      const files = new DataTransfer();
      files.items.add(new File([blob], "signature.png", { type: "image/png" }));
      field.files = files.files;
      canvas.dataset.kept = canvas.dataset.strokes;
    }, "image/png");
    canvas.addEventListener("pointerdown", (event) => {
      if (drawing !== null || event.button > 0) return;
      drawing = event.pointerId;
      canvas.setPointerCapture(drawing);
      const [x, y] = place(event);
      pen.beginPath();
      pen.arc(x, y, 2.5, 0, 2 * Math.PI);
      pen.fill();
      pen.beginPath();
      pen.moveTo(x, y);
      event.preventDefault();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerId !== drawing) return;
      const [x, y] = place(event);
      pen.lineTo(x, y);
      pen.stroke();
    });
    const lift = (event) => {
      if (event.pointerId !== drawing) return;
      drawing = null;
      canvas.dataset.strokes = String(Number(canvas.dataset.strokes) + 1);
      keep();
    };
    canvas.addEventListener("pointerup", lift);
    canvas.addEventListener("pointercancel", lift);
    pad.querySelector("[data-sign-clear]").addEventListener("click", () => {
      wipe();
      field.value = "";
      delete canvas.dataset.kept;
    });
    wipe();
    pad.hidden = false;
  }

  if (!dialog) return;
  const opener = document.querySelector("[data-keys-open]");
  const toggle = dialog.querySelector("[data-keys-toggle]");
  toggle.checked = !storedOff();
  toggle.addEventListener("change", () => {
    try { localStorage.setItem("rapport-keys", toggle.checked ? "on" : "off"); } catch { /* private mode */ }
  });
  if (opener) {
    opener.hidden = false;
    opener.addEventListener("click", () => dialog.showModal());
  }

  const current = () => document.activeElement && document.activeElement.closest("[data-item]");
  const move = (step) => {
    const rows = items();
    if (!rows.length) return;
    const at = rows.indexOf(current());
    const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step));
    rows[next].focus();
    rows[next].scrollIntoView({ block: "nearest" });
  };
  const open = (name) => {
    const row = current();
    const details = row && row.querySelector(`[data-${name}]`);
    if (!details) return;
    details.open = true;
    const field = details.querySelector("select, input:not([type=hidden]), .panel button");
    if (field) field.focus();
  };
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    a: () => current()?.querySelector("[data-accept]")?.click(),
    e: () => open("edit"),
    d: () => open("dismiss"),
    s: () => open("snooze"),
    o: () => current()?.querySelector("[data-open]")?.click(),
    "/": () => document.querySelector("[data-search]")?.focus(),
    "?": () => dialog.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    if (event.key === "Escape") {
      const details = event.target.closest("details[open]");
      const row = details && details.closest("[data-item]");
      if (row) { details.open = false; row.focus(); }
      return;
    }
    if (event.target.closest("input, select, textarea") || (!toggle.checked && event.key !== "?")) return;
    const action = keys[event.key];
    if (action) { event.preventDefault(); action(); }
  });
})();
