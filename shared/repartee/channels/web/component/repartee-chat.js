// <repartee-chat endpoint="https://…" conversation="main" heading="Ask us" lang="en"></repartee-chat>
//
// The page says who the person is: chat.getToken = async () => "the token of your login". Everything else is
// the component's: it streams, reads on after a lost connection or a reload, keeps the history in this browser,
// takes files, asks for approval, stops a reply, and shows what a member of the team writes.

const LANGUAGES = {
  en: ["Your message", "Send", "Stop", "Add files", "Remove", "Approve", "Decline", "You", "Assistant", "The connection was lost. Trying again…", "Conversation", "Our team"],
  de: ["Ihre Nachricht", "Senden", "Anhalten", "Dateien hinzufügen", "Entfernen", "Genehmigen", "Ablehnen", "Sie", "Assistent", "Die Verbindung ist unterbrochen. Neuer Versuch…", "Gespräch", "Unser Team"],
  es: ["Su mensaje", "Enviar", "Detener", "Añadir archivos", "Quitar", "Aprobar", "Rechazar", "Usted", "Asistente", "Se perdió la conexión. Intentando de nuevo…", "Conversación", "Nuestro equipo"],
  fr: ["Votre message", "Envoyer", "Arrêter", "Ajouter des fichiers", "Retirer", "Approuver", "Refuser", "Vous", "Assistant", "La connexion est perdue. Nouvel essai…", "Conversation", "Notre équipe"],
  pt: ["Sua mensagem", "Enviar", "Parar", "Adicionar arquivos", "Remover", "Aprovar", "Recusar", "Você", "Assistente", "A conexão foi perdida. Tentando de novo…", "Conversa", "Nossa equipe"],
  it: ["Il tuo messaggio", "Invia", "Ferma", "Aggiungi file", "Rimuovi", "Approva", "Rifiuta", "Tu", "Assistente", "Connessione persa. Nuovo tentativo…", "Conversazione", "Il nostro team"],
  tr: ["Mesajınız", "Gönder", "Durdur", "Dosya ekle", "Kaldır", "Onayla", "Reddet", "Siz", "Asistan", "Bağlantı koptu. Yeniden deneniyor…", "Konuşma", "Ekibimiz"],
  hi: ["आपका संदेश", "भेजें", "रोकें", "फ़ाइलें जोड़ें", "हटाएँ", "स्वीकार करें", "अस्वीकार करें", "आप", "सहायक", "कनेक्शन टूट गया। फिर कोशिश हो रही है…", "बातचीत", "हमारी टीम"],
  ja: ["メッセージ", "送信", "停止", "ファイルを追加", "削除", "承認", "却下", "あなた", "アシスタント", "接続が切れました。再試行しています…", "会話", "担当者"],
  zh: ["您的消息", "发送", "停止", "添加文件", "移除", "批准", "拒绝", "您", "助手", "连接已断开，正在重试…", "对话", "我们的团队"],
};
const WORDS = ["placeholder", "send", "stop", "attach", "remove", "approve", "decline", "you", "assistant", "lost", "log", "team"];
const MAX_KEPT = 100, MAX_RACED = 10, MAX_FILES = 4, NEAR_PIXELS = 40, RETRY_MILLISECONDS = 1000;
// What a member of the team writes is asked for when the server says. After one's own words it is soon, after a
// failure ever later; a sign that a member types goes out by itself.
const SOON_MILLISECONDS = 15000, TALK_MILLISECONDS = 120000, MAX_RETRY_MILLISECONDS = 60000, TYPING_MILLISECONDS = 20000, ANNOUNCE_MILLISECONDS = 50;

const STYLE = `
:host { --accent: #2850c4; --on-accent: #fff; --background: #fff; --text: #1d1c1a; --dim: #5f5c56; --line: #dedcd6; --bubble: #f0efec; --own: #e3eafc; --bad: #b02a20;
  display: flex; flex-direction: column; min-height: 0; color: var(--text); background: var(--background); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
@media (prefers-color-scheme: dark) { :host(:not([theme="light"])) { --accent: #9bb5ff; --on-accent: #10131c; --background: #1b1c1e; --text: #e9e8e4; --dim: #aaa8a1; --line: #3a3d41; --bubble: #292b2e; --own: #2a3a63; --bad: #ff8f85; } }
:host([theme="dark"]) { --accent: #9bb5ff; --on-accent: #10131c; --background: #1b1c1e; --text: #e9e8e4; --dim: #aaa8a1; --line: #3a3d41; --bubble: #292b2e; --own: #2a3a63; --bad: #ff8f85; }
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
header { padding: 12px 16px; font-weight: 600; border-block-end: 1px solid var(--line); }
.log { flex: 1; min-height: 0; overflow-y: auto; overscroll-behavior: contain; padding: 16px; display: flex; flex-direction: column; gap: 10px; }
article { max-width: min(85%, 36rem); padding: 8px 12px; border-radius: 14px; background: var(--bubble); align-self: flex-start; overflow-wrap: anywhere; border-end-start-radius: 4px; }
article.own { background: var(--own); align-self: flex-end; white-space: pre-wrap; border-end-start-radius: 14px; border-end-end-radius: 4px; }
article.status { color: var(--dim); font-style: italic; }
.lost, .sign { color: var(--dim); font-style: italic; }
.by { display: block; color: var(--dim); font-size: 12px; font-weight: 600; }
article.team { border-inline-start: 3px solid var(--accent); }
article.problem { border: 1px solid var(--bad); color: var(--bad); background: none; }
article > div > :first-child { margin-block-start: 0; } article > div > :last-child { margin-block-end: 0; }
p, ul, ol, pre, blockquote, table { margin-block: 8px; } ul, ol { padding-inline-start: 22px; }
blockquote { margin-inline: 0; padding-inline-start: 10px; border-inline-start: 3px solid var(--line); color: var(--dim); }
code { font: 13px ui-monospace, Menlo, Consolas, monospace; } pre { overflow-x: auto; padding: 8px; background: var(--background); border-radius: 6px; }
table { border-collapse: collapse; display: block; overflow-x: auto; font-size: 14px; } td, th { border: 1px solid var(--line); padding: 3px 8px; text-align: start; }
audio { display: block; max-width: 100%; margin-block-start: 8px; } a[download] { display: block; }
img { display: block; max-width: 100%; border-radius: 8px; margin-block-start: 8px; } a { color: var(--accent); }
.choices { display: flex; gap: 8px; margin-block-start: 8px; }
form { border-block-start: 1px solid var(--line); padding: 10px 12px; display: flex; flex-wrap: wrap; gap: 8px; align-items: end; }
textarea { flex: 1 1 5rem; min-width: 0; font: inherit; color: inherit; background: var(--background); border: 1px solid var(--line); border-radius: 10px; padding: 8px 10px; resize: none; max-height: 10rem; field-sizing: content; }
textarea::placeholder { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
button { font: inherit; color: inherit; background: var(--background); border: 1px solid var(--line); border-radius: 10px; padding: 8px 14px; cursor: pointer; }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 550; }
button:disabled { opacity: .5; cursor: default; } [hidden] { display: none !important; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.files { flex-basis: 100%; display: flex; flex-wrap: wrap; gap: 6px; font-size: 13px; } .files button { padding: 2px 8px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`;

const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);
const scriptOrigin = document.currentScript ? new URL(document.currentScript.src).origin : location.origin;

function toSafeFragment(markdown) {
  const html = marked.parse(markdown, { async: false, breaks: true, gfm: true });
  const fragment = DOMPurify.sanitize(html, { RETURN_DOM_FRAGMENT: true, FORBID_TAGS: ["img", "style", "form", "input", "video", "audio"], FORBID_ATTR: ["style", "id", "class"] });
  for (const link of fragment.querySelectorAll("a")) { link.target = "_blank"; link.rel = "noopener noreferrer nofollow"; }
  return fragment;
}

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

class ReparteeChat extends HTMLElement {
  // The function of the page that gives the token of the person.
  getToken = async () => "";
  #root = this.attachShadow({ mode: "open" });
  #items = [];
  #files = [];
  #follows = true;
  #seen = { top: 0, height: 0 };
  #writing = new Set();
  #aborter = new AbortController();
  #last = "";
  #saidAt = 0;
  #isLookDue = false;
  #lookSoon = () => {};
  #untold = [];

  connectedCallback() {
    if (this.#root.childElementCount) return;
    this.#aborter = new AbortController();
    const { signal } = this.#aborter;
    this.#root.adoptedStyleSheets = [sheet];
    const words = this.#words = Object.fromEntries(WORDS.map((name, place) => [name, this.#language()[place]]));
    this.#log = element("div", { className: "log", tabIndex: 0, role: "log", ariaLive: "off", ariaLabel: words.log });
    this.#sign = element("div", { className: "sign", dir: "auto", hidden: true });
    this.#log.append(this.#sign);
    this.#announcer = element("div", { className: "hidden", ariaLive: "polite" });
    this.#announcer.setAttribute("aria-live", "polite");
    this.#text = element("textarea", { rows: 1, placeholder: words.placeholder, ariaLabel: words.placeholder });
    this.#stop = element("button", { type: "button", textContent: "■", ariaLabel: words.stop, title: words.stop, hidden: true, onclick: () => this.stop() });
    this.#list = element("div", { className: "files", hidden: true });
    const input = element("input", { type: "file", multiple: true, hidden: true, onchange: () => { this.#addFiles([...input.files]); input.value = ""; } });
    const attach = element("button", { type: "button", textContent: "+", ariaLabel: words.attach, title: words.attach, onclick: () => input.click() });
    const form = element("form", {}, this.#list, attach, input, this.#text, this.#stop, element("button", { className: "primary", textContent: words.send }));
    if (this.getAttribute("heading")) this.#root.append(element("header", { textContent: this.getAttribute("heading") }));
    this.#root.append(this.#log, this.#announcer, form);
    form.addEventListener("submit", (event) => { event.preventDefault(); this.#submit(); });
    this.#text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.#submit(); }
      if (event.key === "Escape" && this.#writing.size) this.stop();
    });
    // A person scrolls up; content or a box that grows or shrinks moves the end, and is followed.
    this.#log.addEventListener("scroll", () => {
      const { scrollTop, scrollHeight, clientHeight } = this.#log;
      const isNear = scrollHeight - scrollTop - clientHeight < NEAR_PIXELS;
      const isPerson = scrollTop < this.#seen.top && scrollHeight === this.#seen.height;
      this.#seen = { top: scrollTop, height: scrollHeight };
      this.#follows = isNear || (this.#follows && !isPerson);
      if (!isPerson) this.#toEnd();
    }, { passive: true });
    const observer = new ResizeObserver(() => this.#toEnd());
    observer.observe(this.#log);
    new MutationObserver(() => this.#toEnd()).observe(this.#log, { childList: true, subtree: true, characterData: true });
    this.#restore();
    addEventListener("storage", (event) => { if (event.key === this.#key) this.#adopt(event.newValue); }, { signal });
    for (const name of ["visibilitychange", "online"]) (name === "online" ? window : document).addEventListener(name, () => this.#askSoon(), { signal });
    this.#watch(signal);
  }

  disconnectedCallback() { this.#aborter.abort(); this.#root.replaceChildren(); }

  // Says a text, with files that are { name, data } (data in base64).
  say(text, attachments = []) {
    const id = crypto.randomUUID();
    this.#add({ key: `own.${id}`, side: "own", text, files: attachments.map((file) => file.name) });
    return this.#ask({ id, text, ...(attachments.length && { attachments }) });
  }

  // Ends the reply that is being written.
  async stop() {
    const body = JSON.stringify({ id: crypto.randomUUID(), text: "stop", conversation: this.#conversation });
    const response = await fetch(`${this.#endpoint}/chat`, { method: "POST", headers: await this.#headers(), body }).catch(() => null);
    response?.body?.cancel();
  }

  // Forgets what this browser has kept of the conversation.
  forget() { localStorage.removeItem(this.#key); this.#clear(); }

  #clear() { this.#items = []; this.#log.replaceChildren(this.#sign); }

  #words; #log; #sign; #announcer; #text; #stop; #list;
  get #endpoint() { return (this.getAttribute("endpoint") || scriptOrigin).replace(/\/$/, ""); }
  get #conversation() { return this.getAttribute("conversation") || "main"; }
  get #key() { return `repartee-chat:${this.getAttribute("person") || ""}:${this.#endpoint}:${this.#conversation}`; }

  #language() {
    const wanted = [this.getAttribute("lang"), this.closest("[lang]")?.lang, ...navigator.languages].filter(Boolean);
    return LANGUAGES[wanted.map((one) => one.toLowerCase().split("-")[0]).find((one) => LANGUAGES[one])] ?? LANGUAGES.en;
  }

  async #headers() { return { Authorization: `Bearer ${await this.getToken()}` }; }

  #submit() {
    const text = this.#text.value.trim(), files = this.#files;
    if (!text && !files.length) return;
    this.#text.value = "";
    this.#files = [];
    this.#showFiles();
    this.#follows = true;
    this.say(text, files);
  }

  async #addFiles(chosen) {
    for (const file of chosen.slice(0, MAX_FILES - this.#files.length)) {
      const bytes = new Uint8Array(await file.arrayBuffer());
      let binary = "";
      for (let at = 0; at < bytes.length; at += 32768) binary += String.fromCharCode(...bytes.subarray(at, at + 32768));
      this.#files.push({ name: file.name, data: btoa(binary) });
    }
    this.#showFiles();
  }

  #showFiles() {
    this.#list.hidden = !this.#files.length;
    this.#list.replaceChildren(...this.#files.map((file) => element("button", {
      type: "button", textContent: `${file.name} ✕`, ariaLabel: `${this.#words.remove} ${file.name}`,
      onclick: () => { this.#files = this.#files.filter((one) => one !== file); this.#showFiles(); },
    })));
  }

  #add(item) {
    this.#show(item);
    this.#keep();
    return item;
  }

  #show(item) {
    this.#items = [...this.#items, item].slice(-MAX_KEPT);
    this.#sign.before(this.#makeArticle(item));
    this.#render(item);
  }

  #makeArticle(item) {
    item.article = element("article", { className: item.side === "assistant" ? "" : item.side });
    item.article.dir = "auto";
    if (item.side !== "own" && !item.open) item.article.dataset.done = "true";
    return item.article;
  }

  #render(item) {
    const { article } = item;
    article.classList.toggle("status", !item.text && !!item.status);
    article.classList.toggle("problem", !!item.problem);
    article.hidden = !(item.text || item.status || item.lost || item.problem || item.proposal || this.#picturesOf(item).length || item.files?.length);
    const body = element("div");
    const pictures = this.#picturesOf(item), names = pictures.length ? [] : item.files ?? [];
    const files = names.map((name) => element("div", { textContent: `📎 ${name}` }));
    if (item.side === "own") body.append(item.text, ...files);
    else if (item.problem) body.textContent = item.problem;
    else if (item.text) body.append(toSafeFragment(item.text));
    else if (files.length) body.append(...files);
    else body.textContent = item.status ?? "";
    if (item.lost) body.append(element("div", { className: "lost", textContent: this.#words.lost }));
    const isTeam = item.side === "team", author = this.#words[{ own: "you", team: "team" }[item.side] ?? "assistant"];
    const name = element("span", { className: isTeam ? "by" : "hidden", dir: "auto", textContent: `${author}: ` });
    article.replaceChildren(name, body, ...pictures, ...(item.proposal ? [this.#proposalButtons(item)] : []));
  }

  #proposalButtons(item) {
    const { subject, summary } = item.proposal;
    const decide = (approve) => {
      item.proposal = null;
      this.#render(item);
      this.#keep();
      this.#ask({ id: crypto.randomUUID(), decision: { subject, approve } });
    };
    const button = (label, approve, className) => element("button", { type: "button", textContent: label, className, onclick: () => decide(approve) });
    return element("div", {}, toSafeFragment(summary), element("div", { className: "choices" },
      button(this.#words.approve, true, "primary"), button(this.#words.decline, false, "")));
  }

  async #ask(body, item = this.#addReply(`${this.#conversation}.${body.id}`)) {
    item.open = true;
    this.#saidAt = Date.now();
    this.#writing.add(item);
    this.#stop.hidden = false;
    this.#keep();
    let last = "", resumes = !body;
    while (item.open && !this.#aborter.signal.aborted) {
      try {
        const headers = { ...(await this.#headers()), ...(last && { "Last-Event-ID": last }) }, { signal } = this.#aborter;
        const response = resumes
          ? await fetch(`${this.#endpoint}/chat/${item.turn}/events`, { headers, signal })
          : await fetch(`${this.#endpoint}/chat`, { method: "POST", headers, signal, body: JSON.stringify({ ...body, conversation: this.#conversation }) });
        if (!response.ok) throw Object.assign(new Error((await response.json().catch(() => ({}))).error || response.statusText), { status: response.status });
        if (resumes && !last) Object.assign(item, { text: "", pictures: [] });
        resumes = true;
        for await (const event of readEvents(response.body)) {
          last = event.id || last;
          if (event.data) this.#apply(item, event);
        }
      } catch (problem) {
        if (this.#aborter.signal.aborted) break;
        if (problem.status && problem.status < 500 && problem.status !== 429) { item.problem = problem.message; item.open = false; break; }
        item.lost = true;
        this.#render(item);
        await new Promise((later) => setTimeout(later, RETRY_MILLISECONDS));
      }
    }
    this.#writing.delete(item);
    this.#stop.hidden = this.#writing.size > 0 ? false : true;
    if (item.open) return;
    Object.assign(item, { status: "", lost: false });
    item.article.dataset.done = "true";
    this.#render(item);
    if (!item.article.hidden) this.#announce(item.article.textContent); // else there is no reply
    this.#keep();
    this.#askSoon(); // it may have been passed on to a person
  }

  #addReply(turn) { return this.#add({ key: turn, side: "assistant", text: "", turn, open: true }); }

  #announce(text) { this.#announcer.replaceChildren(text); }

  // Several messages that come at once are told at once.
  #announceSoon(text) {
    if (!this.#untold.length) setTimeout(() => { this.#announce(this.#untold.join("\n")); this.#untold = []; }, ANNOUNCE_MILLISECONDS);
    this.#untold.push(text);
  }

  #askSoon() { this.#isLookDue = true; this.#lookSoon(); }

  // Shows what is said beside the replies, as long as the page is open: asks when the server says, not while the
  // page is hidden, and after a failure ever later.
  async #watch(signal) {
    signal.addEventListener("abort", () => this.#lookSoon());
    for (let failures = 0; !signal.aborted;) {
      let pause;
      this.#isLookDue = false;
      try {
        pause = await this.#look(signal);
        if (failures) this.#showSign("");
        failures = 0;
        if (Date.now() - this.#saidAt < TALK_MILLISECONDS) pause = Math.min(pause, SOON_MILLISECONDS);
      } catch (problem) {
        if (signal.aborted || problem.status === 404) return; // a server that has no such route
        pause = Math.min(RETRY_MILLISECONDS * 2 ** failures, MAX_RETRY_MILLISECONDS) * (0.75 + Math.random() / 2);
        failures += 1;
        if (failures === 2 && !(problem.status < 500)) { this.#showSign(this.#words.lost); this.#announceSoon(this.#words.lost); }
      }
      await this.#rest(pause, signal);
    }
  }

  async #rest(milliseconds, signal) {
    if (!this.#isLookDue) await new Promise((wake) => { this.#lookSoon = wake; setTimeout(wake, milliseconds); });
    while (document.hidden && !signal.aborted) await new Promise((wake) => { this.#lookSoon = wake; });
  }

  // Asks once, and returns after how many milliseconds to ask again.
  async #look(signal) {
    const token = await this.getToken();
    if (!token) return RETRY_MILLISECONDS; // the page does not know yet who the person is
    const headers = { Authorization: `Bearer ${token}`, ...(this.#last && { "Last-Event-ID": this.#last }) };
    const response = await fetch(`${this.#endpoint}/chat/${this.#conversation}/live`, { headers, signal });
    if (!response.ok) throw Object.assign(new Error(response.statusText), { status: response.status });
    let pause = MAX_RETRY_MILLISECONDS;
    for await (const event of readEvents(response.body)) {
      pause = Number(event.retry) || pause;
      if (event.data) this.#applyLive(event);
    }
    return pause;
  }

  #applyLive({ id, event, data }) {
    if (event === "status") this.#showSign(data.text, TYPING_MILLISECONDS);
    if (event === "message") this.#addMessage(data);
    if (event === "picture") this.#addFile(data);
    this.#last = id || this.#last;
    this.#keepPlace();
  }

  // One that is there already came again after a crash.
  #addMessage({ id, by, text }) {
    this.#showSign("");
    const known = this.#items.find((one) => one.key === id);
    if (!known) return this.#announceSoon(this.#add({ key: id, side: by === "member" ? "team" : "assistant", text }).article.textContent);
    if (known.text === text) return;
    known.text = text;
    this.#render(known);
    this.#keep();
  }

  #addFile(data) {
    const known = this.#items.find((one) => one.key === data.id);
    const item = known ?? this.#add({ key: data.id, side: "team", text: "", files: [data.name] });
    if (!known) this.#announceSoon(item.article.textContent);
    this.#addPicture(item, data);
  }

  #showSign(text, milliseconds = 0) {
    clearTimeout(this.#signTimer);
    Object.assign(this.#sign, { textContent: text, hidden: !text });
    if (text && milliseconds) this.#signTimer = setTimeout(() => this.#showSign(""), milliseconds);
  }

  #signTimer = 0;

  #apply(item, { event, data }) {
    item.lost = false;
    if (event === "status") item.status = data.text;
    if (event === "delta") item.text += data.text;
    if (event === "replaced") item.text = data.text;
    if (event === "proposal") item.proposal = data;
    if (event === "picture") return this.#addPicture(item, data);
    if (event === "error") item.problem = data.error;
    if (event === "done" || event === "error") item.open = false;
    this.#render(item);
  }

  #addPicture(item, { id, name, alt, type, part, parts, data }) {
    item.pictures ??= [];
    let picture = item.pictures.find((one) => one.id === id);
    if (!picture) item.pictures.push(picture = { id, name, alt, pieces: [] });
    if (!picture.pieces) return; // it is whole, and came again
    picture.pieces[part - 1] = data;
    if (picture.pieces.filter(Boolean).length < parts) return;
    const bytes = Uint8Array.from(atob(picture.pieces.join("")), (letter) => letter.charCodeAt(0));
    delete picture.pieces;
    if (!type.startsWith("image/")) {
      picture.image = makeFileElement(bytes, type, name);
      return this.#render(item);
    }
    const image = element("img", { src: URL.createObjectURL(new Blob([bytes], { type })), alt: alt || name });
    const show = () => { picture.image = image; this.#render(item); };
    image.decode().then(show, show); // it is put in with its height, so that nothing jumps
  }

  #picturesOf(item) { return (item.pictures ?? []).map((one) => one.image).filter(Boolean); }

  #toEnd() {
    if (!this.#follows) return;
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#seen = { top: this.#log.scrollTop, height: this.#log.scrollHeight }; // the browser moves it too, where the log has become larger
  }

  #keep() {
    const kept = this.#items.map(({ key, side, text, files, turn, open, problem, proposal }) => ({ key, side, text, files, turn, open, problem, proposal }));
    try { localStorage.setItem(this.#key, JSON.stringify(kept)); } catch { /* the browser keeps nothing: the history is this page's */ }
  }

  // Shows what was said before, and reads on where a reply was still being written.
  #restore() {
    let kept = [];
    try { kept = JSON.parse(localStorage.getItem(this.#key) || "[]"); } catch { /* what cannot be read is none */ }
    kept.forEach((one, place) => {
      const item = { ...one, key: one.key ?? one.turn ?? `kept.${place}` };
      this.#show(item);
      if (item.open && item.turn) setTimeout(() => this.#ask(null, item));
    });
    try { this.#last = localStorage.getItem(`${this.#key}:live`) ?? ""; } catch { /* nothing is kept: all is asked for again */ }
  }

  #keepPlace() {
    try { localStorage.setItem(`${this.#key}:live`, this.#last); } catch { /* nothing is kept */ }
  }

  // Shows what another page of the person in this browser has kept.
  #adopt(value) {
    if (value === null) return this.#clear();
    const kept = JSON.parse(value), keys = new Set(kept.map((one) => one.key));
    let previous = null;
    for (const one of kept) {
      let item = this.#items.find((known) => known.key === one.key);
      if (!item) {
        item = { ...one };
        this.#items.splice(this.#items.indexOf(previous) + 1, 0, item);
        previous ? previous.article.after(this.#makeArticle(item)) : this.#log.prepend(this.#makeArticle(item));
      } else if (!this.#writing.has(item)) Object.assign(item, one);
      if (item.side !== "own" && !item.open) item.article.dataset.done = "true";
      this.#render(item);
      previous = item;
    }
    this.#items = this.#items.slice(-MAX_KEPT);
    if (this.#items.slice(-MAX_RACED).some((one) => !keys.has(one.key))) this.#keep(); // both pages kept at once
  }
}

// A file that is no image: what it claims to be decides nothing but how it sounds.
function makeFileElement(bytes, type, name) {
  const isAudio = type.startsWith("audio/");
  const href = URL.createObjectURL(new Blob([bytes], { type: isAudio ? type : "application/octet-stream" }));
  return isAudio ? element("audio", { controls: true, src: href, ariaLabel: name }) : element("a", { href, download: name, textContent: `📎 ${name}` });
}

async function* readEvents(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value.replaceAll("\r", "")).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: ?(.*)/s).slice(0, 2)));
      if (fields.data || fields.retry) yield { id: fields.id, event: fields.event, retry: fields.retry, data: fields.data && JSON.parse(fields.data) };
    }
  }
}

if (!customElements.get("repartee-chat")) customElements.define("repartee-chat", ReparteeChat);
