// What a page does by itself: themes, forms that send themselves, a log that follows its end, dialogs.
"use strict";

document.querySelector("[data-theme-toggle]")?.addEventListener("click", () => {
  const root = document.documentElement;
  const isDark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
});

for (const form of document.querySelectorAll("[data-autosubmit]")) {
  form.addEventListener("change", () => form.requestSubmit());
}

// A log shows its end as long as the person has not scrolled up.
const NEAR_PIXELS = 48;
for (const log of document.querySelectorAll("[data-follow]")) {
  let follows = true, seen = { top: 0, height: 0 };
  const look = () => { seen = { top: log.scrollTop, height: log.scrollHeight }; };
  const toEnd = () => {
    if (!follows) return;
    log.scrollTop = log.scrollHeight;
    look(); // the browser moves it too, where the log has become larger
  };
  log.addEventListener("scroll", () => {
    const isNear = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_PIXELS;
    const isPerson = log.scrollTop < seen.top && log.scrollHeight === seen.height;
    look();
    follows = isNear || (follows && !isPerson);
    if (!isPerson) toEnd();
  }, { passive: true });
  new MutationObserver(toEnd).observe(log, { childList: true, subtree: true, characterData: true });
  new ResizeObserver(toEnd).observe(log);
  toEnd();
}

// What was said is announced once, when it is complete.
const room = document.getElementById("room"), announcer = document.getElementById("announcer");
if (room && announcer) {
  const announced = new Set([...room.querySelectorAll(".message")].map((message) => message.id));
  let timer = 0;
  new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const last = [...room.querySelectorAll(".from-assistant:not(.streaming)")].at(-1);
      if (!last || announced.has(last.id)) return;
      announced.add(last.id);
      announcer.textContent = last.querySelector(".text").textContent;
    }, 900);
  }).observe(room, { childList: true, subtree: true, characterData: true });
}

const composer = document.querySelector("[data-composer]");
if (composer) {
  const text = composer.querySelector("textarea"), file = composer.querySelector("[type=file]");
  let sent = { id: "", words: "" };
  const editing = composer.elements.editing, notice = composer.querySelector(".editing");
  const edit = (id, words) => {
    editing.value = id;
    text.value = words;
    notice.hidden = !id;
    text.focus();
  };
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (text.value.trim() || file.files.length) composer.requestSubmit(composer.querySelector(".primary"));
    }
  });
  composer.addEventListener("htmx:configRequest", (event) => {
    if (!event.detail.path.endsWith("/say")) return;
    sent = { id: editing.value, words: text.value };
    edit("", "");
  });
  // What could not be sent stands in the box again.
  composer.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.pathInfo.requestPath.endsWith("/say")) return;
    if (event.detail.successful) { file.value = ""; return; }
    if (!text.value) edit(sent.id, sent.words);
    const problem = Object.assign(document.createElement("p"), { className: "problem", textContent: "This was not sent. Try again in a moment." });
    document.getElementById("said").replaceChildren(problem);
  });
  // The microphone records until the button is pressed again, and what was recorded is sent.
  const record = composer.querySelector("[data-record]"), said = document.getElementById("said");
  const MAX_RECORDING_MS = 120_000;
  let recorder = null;
  const sendRecording = (parts, type) => {
    const bare = type.split(";")[0], chosen = new DataTransfer();
    chosen.items.add(new File(parts, `recording.${bare.split("/")[1]}`, { type: bare }));
    file.files = chosen.files;
    composer.requestSubmit(composer.querySelector(".primary"));
  };
  const startRecording = async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true }), parts = [];
    recorder = new MediaRecorder(stream);
    recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
    recorder.addEventListener("stop", () => {
      for (const track of stream.getTracks()) track.stop();
      record.setAttribute("aria-pressed", "false");
      said.replaceChildren();
      sendRecording(parts, recorder.mimeType);
      recorder = null;
    });
    recorder.start();
    setTimeout((begun) => { if (begun.state === "recording") begun.stop(); }, MAX_RECORDING_MS, recorder);
    record.setAttribute("aria-pressed", "true");
    said.textContent = "Recording. Press Record again to send it.";
  };
  if (record && window.MediaRecorder && navigator.mediaDevices) {
    record.hidden = false;
    record.addEventListener("click", () => {
      if (recorder) { recorder.stop(); return; }
      startRecording().catch(() => {
        const problem = Object.assign(document.createElement("p"), { className: "problem", textContent: "The microphone cannot be used: allow it for this page." });
        said.replaceChildren(problem);
      });
    });
  }
  document.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-say]"), own = event.target.closest("[data-edit]");
    if (own) edit(own.dataset.edit, own.dataset.words);
    if (event.target.closest("[data-edit-cancel]")) edit("", "");
    if (!chip) return;
    edit("", "");
    text.value = chip.dataset.say;
    composer.requestSubmit(composer.querySelector(".primary"));
  });
}

// A longer text is sent with Ctrl or Cmd and Enter: Enter begins a line.
for (const form of document.querySelectorAll("[data-enter-sends]")) {
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
}

// What was sent is kept in this tab until the next page. If the form was not taken, because the operator's role
// had to be asked for first, that page has the text again, and the operator sends it.
const KEPT_FORM = "kept-form", KEPT_FRAGMENT = "#kept-form";
function fillInAgain() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT_FORM) || "null"), isKept = location.hash === KEPT_FRAGMENT;
  sessionStorage.removeItem(KEPT_FORM);
  if (!isKept) return;
  history.replaceState(null, "", location.pathname + location.search);
  const field = "textarea, select, input:not([type=hidden])";
  const form = kept && [...document.forms].find((one) => one.getAttribute("action") === kept.action && one.querySelector(field));
  const notice = Object.assign(document.createElement("p"), { className: "told", textContent: form
    ? "Your role was checked again, and nothing was sent: send it once more." : "Your role was checked again, and nothing was done: press it once more." });
  notice.setAttribute("role", "status");
  if (!form) { document.querySelector("main").prepend(notice); return; }
  for (const [name, value] of kept.fields) {
    const place = form.elements[name];
    if (place && place.type !== "file" && place.type !== "hidden") place.value = value;
  }
  form.prepend(notice);
  form.querySelector(field).focus();
}
fillInAgain();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return; // a search is in its address
  const fields = [...new FormData(form)].filter(([name, value]) => name !== "csrf" && typeof value === "string");
  sessionStorage.setItem(KEPT_FORM, JSON.stringify({ action: form.getAttribute("action"), fields }));
}, true);

// An upload shows how far it is, and then that it is being read.
for (const form of document.querySelectorAll("[data-upload]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const bar = form.querySelector("progress"), state = form.querySelector("[data-upload-state]");
    const request = new XMLHttpRequest();
    bar.hidden = false;
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      bar.value = 100 * loaded / total;
      state.textContent = loaded < total ? `${Math.round(100 * loaded / total)} %` : "Reading it…";
    });
    request.addEventListener("load", () => location.assign(request.getResponseHeader("HX-Redirect") || request.responseURL || location.href));
    request.addEventListener("error", () => { bar.hidden = true; state.textContent = "The upload broke off. Try again."; });
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true"); // so that a check of the role is an answer, and not a way to another site
    request.setRequestHeader("HX-Current-URL", location.href);
    request.send(new FormData(form));
  });
}

// A lost connection is said until it is back. The stream begins again by itself, with all that is there.
const offline = document.getElementById("offline");
if (offline) {
  document.addEventListener("htmx:sseError", () => { offline.hidden = false; });
  document.addEventListener("htmx:sseOpen", () => { offline.hidden = true; });
}

// The newest turn is shown as it grows, unless an earlier one was chosen.
const panel = document.getElementById("turn"), chips = document.getElementById("chips");
document.addEventListener("htmx:sseMessage", (event) => {
  const { type, data } = event.detail;
  if (type === "turns" && chips) { Idiomorph.morph(chips, data, { morphStyle: "innerHTML" }); htmx.process(chips); }
  if (type === "turn" && panel) {
    const id = /id="(turn-\d+)"/.exec(data)?.[1];
    if (panel.dataset.pinned && panel.dataset.newest === id) return;
    delete panel.dataset.pinned;
    panel.dataset.newest = id;
    Idiomorph.morph(panel, data, { morphStyle: "innerHTML" });
    htmx.process(panel);
  }
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.target?.id === "turn" && panel) panel.dataset.pinned = "true";
});

// What a person has opened stays open when the page around it changes.
if (window.Idiomorph) {
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name) => name !== "open";
  // So does what is being filled in: the form of the same turn is left alone.
  Idiomorph.defaults.callbacks.beforeNodeMorphed = (old, fresh) =>
    !(old instanceof HTMLFormElement && old.matches(".again") && old.getAttribute("action") === fresh.getAttribute?.("action"));
}

const detail = document.getElementById("detail");
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "detail-body") return;
  if (!detail.open) detail.showModal();
  detail.scrollTop = 0;
});
detail?.addEventListener("click", (event) => { if (event.target === detail) detail.close(); });

// Charts: times, p50 and p95, which the page carries.
for (const place of document.querySelectorAll("[data-chart]")) {
  const data = JSON.parse(place.dataset.chart);
  if (!data[0].length || !window.uPlot) continue;
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(name).trim();
  const milliseconds = (value) => value === null ? "–" : value < 1000 ? `${value.toFixed(0)} ms` : `${(value / 1000).toFixed(2)} s`;
  const axis = { stroke: color("--dim"), grid: { stroke: color("--line"), width: 1 }, ticks: { stroke: color("--line") }, font: "12px system-ui" };
  const series = (label, name, width) => ({
    label, stroke: color(name), width, spanGaps: true, points: { show: data[0].length < 48 }, value: (_, value) => milliseconds(value),
  });
  const chart = new uPlot({
    width: place.clientWidth, height: 240,
    axes: [axis, { ...axis, size: 64, values: (_, values) => values.map(milliseconds) }],
    scales: { y: { range: (_, low, high) => [0, (high || 1) * 1.1] } },
    series: [{}, series("p50", "--dim", 1.5), series("p95", "--accent", 2)],
  }, data, place);
  new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: 240 })).observe(place);
}
