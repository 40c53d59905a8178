/* PALIER: the script of the desk. Everything works without it; it makes the desk faster and keeps what is being written.
   No dependency, no inline handler, nothing kept in the browser's storage (desks are shared). Hooks are data-palier-… */
(() => {
  "use strict";
  const root = document.documentElement;
  const on = (type, run, where = document, options) => where.addEventListener(type, run, options);
  const all = (selector, where = document) => Array.from(where.querySelectorAll(selector));
  const near = (node, selector) => (node && node.closest ? node.closest(selector) : null);
  const word = (id) => { const t = document.getElementById("palier-" + id); return t && t.content; };
  const hour = (date) => date.getHours() + "\u00a0h" + (date.getMinutes() ? "\u00a0" + String(date.getMinutes()).padStart(2, "0") : "");
  const csrf = () => { const i = document.querySelector("input[name=csrfmiddlewaretoken]"); return i ? i.value : ""; };
  const encoded = (form) => {
    const data = new URLSearchParams();
    new FormData(form).forEach((value, name) => { if (typeof value === "string") { data.append(name, value); } });
    return data.toString();
  };

  /* 1. Display settings: seen at once, then kept by the server. */
  const settings = document.querySelector("form[data-palier-display]");
  on("change", (e) => {
    const box = near(e.target, "[data-palier-setting]");
    if (!box) { return; }
    const key = "data-" + box.dataset.palierSetting;
    if (e.target.value === "auto" || e.target.value === "m") { root.removeAttribute(key); } else { root.setAttribute(key, e.target.value); }
    if (settings) {
      fetch(settings.action, { method: "POST", body: new URLSearchParams(encoded(settings)), headers: { "X-Requested-With": "palier" }, redirect: "manual", keepalive: true }).catch(() => {});
    }
  });

  /* 2. Keys. F2 and F8 are not characters (WCAG 2.1.4 does not apply); Ctrl + Enter presses the filled button of the form. */
  on("keydown", (e) => {
    if (/^F\d+$/.test(e.key) && !e.ctrlKey && !e.altKey && !e.shiftKey && !e.metaKey) {
      const target = document.querySelector(`[data-palier-key="${e.key}"], [data-key="${e.key}"]`);
      if (!target) { return; }
      e.preventDefault();
      if (target.matches("input, textarea")) { target.focus(); target.select(); } else { target.click(); }
    } else if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
      const form = near(e.target, "form");
      if (form && !e.repeat) {
        e.preventDefault();
        form.requestSubmit(form.querySelector("button.btn-primary[type=submit]:not([name]), button.btn-primary[type=submit]"));
      }
    } else if (e.key === "Escape") {
      const open = near(e.target, "details[open]");
      if (open) { open.open = false; open.querySelector("summary").focus(); }
    }
  });

  /* 3. One question is one Tab stop; digits choose, only while the focus is in the group. */
  const GROUP = "[data-palier-digits], [data-digits]";
  const inputsOf = (group) => all("input[type=radio]:not(:disabled), input[type=checkbox]:not(:disabled)", group).filter((i) => near(i, GROUP) === group);
  const rove = (inputs, current) => inputs.forEach((i) => { if (i.type === "checkbox") { i.tabIndex = i === current ? 0 : -1; } });
  on("keydown", (e) => {
    const group = near(e.target, GROUP);
    if (!group || e.ctrlKey || e.altKey || e.metaKey) { return; }
    const inputs = inputsOf(group), at = inputs.indexOf(e.target);
    if (at < 0) { return; }
    const boxes = e.target.type === "checkbox";
    let to = null;
    if (/^[1-9]$/.test(e.key)) { to = inputs[Number(e.key) - 1]; }
    else if (boxes && /^Arrow(Right|Down)$/.test(e.key)) { to = inputs[(at + 1) % inputs.length]; }
    else if (boxes && /^Arrow(Left|Up)$/.test(e.key)) { to = inputs[(at - 1 + inputs.length) % inputs.length]; }
    if (!to) { return; }
    e.preventDefault();
    rove(inputs, to);
    to.focus();
    if (/^[1-9]$/.test(e.key)) { to.click(); }
  });

  /* 4. A choice shows its part. The server decides which part starts open; nothing is cleared when it closes. */
  const OPENS = "[data-palier-opens], [data-opens]";
  const reveal = (where) => all(OPENS, where).forEach((input) => {
    const part = document.getElementById(input.dataset.palierOpens || input.dataset.opens);
    /* Two choices may open the same part. */
    if (part) { part.hidden = !all(OPENS).some((i) => i.checked && (i.dataset.palierOpens || i.dataset.opens) === part.id); }
  });
  on("change", (e) => {
    if (e.target.name) { reveal(e.target.form || document); }
    const card = near(e.target, "[data-palier-ticked]");
    if (card && e.target.type === "checkbox") { card.classList.toggle(card.dataset.palierTicked, e.target.checked); }
  });

  /* A button that says how many are ticked, and a line with their names: [data-palier-tally="name of the boxes"]. */
  const tally = (where) => all("[data-palier-tally]", where).forEach((span) => {
    const form = near(span, "form"), name = span.dataset.palierTally;
    const ticked = all(`input[type=checkbox][name="${name}"]:checked`, form), n = ticked.length;
    span.textContent = n ? (n === 1 ? span.dataset.one : span.dataset.many.replace("{n}", n)) : span.dataset.none;
    const line = form.querySelector(`[data-palier-tally-names="${name}"]`);
    if (!line) { return; }
    const names = ticked.map((box) => box.dataset.name);
    line.textContent = n > 1 ? names.slice(0, -1).join(", ") + " " + line.dataset.and + " " + names[n - 1] : names.join("");
  });
  on("change", (e) => { if (e.target.type === "checkbox" && e.target.form && e.target.form.querySelector("[data-palier-tally]")) { tally(e.target.form); } });

  on("click", (e) => { if (near(e.target, "[data-palier-print], [data-print]")) { window.print(); } });

  /* 5. A form is sent once. Its button keeps its width and says what happens. */
  const rest = new WeakMap();
  const busy = (form, button) => {
    form.setAttribute("aria-busy", "true");
    if (!button || rest.has(button)) { return; }
    rest.set(button, button.innerHTML);
    button.style.minWidth = button.offsetWidth + "px";
    button.setAttribute("aria-busy", "true");
    const wait = word("wait");
    if (wait && button.classList.contains("btn")) {
      button.replaceChildren(wait.cloneNode(true));
      if (button.dataset.palierBusy) { button.lastChild.textContent = " " + button.dataset.palierBusy; }
    }
  };
  const idle = (form) => {
    form.removeAttribute("aria-busy");
    all("button", form).concat(form.getAttribute("id") ? all(`button[form="${form.getAttribute("id")}"]`) : []).forEach((button) => {
      if (!rest.has(button)) { return; }
      button.innerHTML = rest.get(button);
      button.removeAttribute("aria-busy");
      button.style.minWidth = "";
      rest.delete(button);
    });
  };
  on("submit", (e) => {
    const form = e.target;
    if (form.getAttribute("aria-busy") === "true") { e.preventDefault(); e.stopImmediatePropagation(); }
  }, document, true);
  on("submit", (e) => {
    const form = e.target;
    /* htmx has taken it (defaultPrevented), a search may be sent again, and what opens elsewhere leaves this page as it is. */
    if (e.defaultPrevented || !/^post$/i.test(form.getAttribute("method")) || form.hasAttribute("target") || form.hasAttribute("data-palier-again")) { return; }
    busy(form, e.submitter);
  });
  on("htmx:beforeRequest", (e) => { const f = e.detail.elt; if (f.matches("form")) { const t = e.detail.requestConfig.triggeringEvent; busy(f, t && t.submitter); } });
  on("htmx:afterRequest", (e) => { if (e.detail.elt.matches("form")) { idle(e.detail.elt); } });
  on("click", (e) => { const b = near(e.target, "[aria-disabled=true], [aria-busy=true]"); if (b && b.matches("a, button")) { e.preventDefault(); } }, document, true);
  on("pageshow", (e) => { if (e.persisted) { all("form").forEach((f) => { idle(f); const d = drafts.get(f); if (d) { d.leaving = false; } }); } }, window);

  /* 6. Drafts. form[data-palier-draft-url] is sent there every five seconds while it changes. When the line or the access is
        lost, the text stays in the page, is tried again, and the form itself waits instead of leaving for an error page. */
  const drafts = new Map();
  const EVERY = 5000;
  const tell = (draft, text) => { const s = draft.form.querySelector("[role=status]"); if (s) { s.textContent = text; } };
  const banner = (draft, id) => {
    if (draft.banner === id) { return; }
    if (draft.shown) { draft.shown.remove(); draft.shown = null; }
    draft.banner = id;
    if (id && word(id)) { draft.shown = word(id).firstElementChild.cloneNode(true); draft.form.prepend(draft.shown); }
  };
  /* Signing in again elsewhere changes the token of every form: fetch this page again and take its own. */
  const freshToken = async () => {
    const answer = await fetch(document.body.dataset.palierTokenUrl || location.href, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) { return false; }
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("input[name=csrfmiddlewaretoken]");
    if (!found) { return false; }
    all("input[name=csrfmiddlewaretoken]").forEach((i) => { i.value = found.value; });
    return true;
  };
  const send = async (draft) => {
    const post = async () => {
      const limit = new AbortController(), timer = setTimeout(() => limit.abort(), 8000);
      try {
        return await fetch(draft.form.dataset.palierDraftUrl, {
          method: "POST", credentials: "same-origin", redirect: "manual", signal: limit.signal,
          headers: { "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": csrf(), "X-Requested-With": "palier" },
          body: encoded(draft.form), keepalive: encoded(draft.form).length < 60000,
        });
      } finally { clearTimeout(timer); }
    };
    try {
      let answer = await post();
      const refused = () => answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403;
      if (refused() && await freshToken()) { answer = await post(); }
      if (refused()) { return "signed-out"; }
      return answer.status >= 500 ? "failed" : answer.ok ? "kept" : "refused";
    } catch (e) { return "offline"; }
  };
  const keep = async (draft) => {
    if (draft.flight) { return draft.flight; }
    const now = encoded(draft.form);
    draft.flight = send(draft);
    const state = await draft.flight;
    draft.flight = null;
    draft.state = state;
    if (state === "kept") {
      draft.saved = now;
      const kept = word("kept");
      if (kept && !draft.leaving) { tell(draft, kept.textContent.replace("{hour}", hour(new Date()))); }
    }
    banner(draft, state === "kept" || state === "refused" ? null : draft.queued && state !== "signed-out" ? "queued" : state);
    if (draft.queued && (state === "kept" || state === "refused")) { const queued = draft.queued; draft.queued = null; leave(draft, queued); }
    return state;
  };
  const leave = (draft, submitter) => {
    draft.leaving = true;
    draft.form.removeAttribute("aria-busy");
    draft.form.requestSubmit(submitter && submitter.isConnected && submitter.form === draft.form ? submitter : undefined);
  };
  const changed = (draft) => encoded(draft.form) !== draft.saved;
  const maybe = (draft) => { if (draft.form.isConnected && !draft.leaving && (draft.queued || changed(draft) || draft.shown)) { keep(draft); } };
  const watch = (form) => { if (!drafts.has(form)) { drafts.set(form, { form, saved: encoded(form), state: "kept" }); } };
  setInterval(() => drafts.forEach((draft, form) => { if (form.isConnected) { maybe(draft); } else { drafts.delete(form); } }), EVERY);
  on("focusout", (e) => { const d = drafts.get(near(e.target, "form")); if (d && e.target.matches("input, textarea, select") && changed(d)) { maybe(d); } });
  on("visibilitychange", () => { if (document.hidden) { drafts.forEach(maybe); } });
  on("online", () => drafts.forEach(maybe), window);
  on("offline", () => drafts.forEach((d) => { d.state = "offline"; banner(d, d.queued ? "queued" : "offline"); }), window);
  on("beforeunload", (e) => { drafts.forEach((d) => { if (!d.leaving && d.form.isConnected && (d.queued || (d.state !== "kept" && changed(d)))) { e.preventDefault(); e.returnValue = ""; } }); }, window);
  /* Before leaving, ask the server: a page that leaves without a line loses everything. Capture: htmx must not go first. */
  on("submit", (e) => {
    const draft = drafts.get(e.target);
    if (!draft || draft.leaving || e.defaultPrevented) { return; }
    e.preventDefault();
    e.stopImmediatePropagation();
    if (draft.queued !== undefined && draft.queued !== null) { return; }
    draft.queued = e.submitter || draft.form;
    busy(draft.form, e.submitter);
    const go = () => keep(draft).then((state) => { if (state !== "kept" && state !== "refused") { idle(draft.form); } });
    if (draft.flight) { draft.flight.then(() => { if (draft.queued) { go(); } }); } else { go(); }
  }, document, true);
  on("htmx:afterRequest", (e) => {
    const draft = drafts.get(e.detail.elt), status = e.detail.xhr ? e.detail.xhr.status : 0;
    if (!draft) { return; }
    draft.leaving = false;
    if (!e.detail.successful && status !== 422) {
      draft.state = status === 401 ? "signed-out" : status ? "failed" : "offline";
      banner(draft, draft.state);
    }
  });
  /* A part that could not be fetched: say what the server said, above the page. */
  const explain = (e, id) => {
    const place = document.getElementById("messages");
    if (!place || drafts.has(e.detail.elt) || !word(id)) { return; }
    const box = word(id).firstElementChild.cloneNode(true);
    const said = e.detail.xhr && /html/.test(e.detail.xhr.getResponseHeader("Content-Type") || "")
      ? new DOMParser().parseFromString(e.detail.xhr.responseText, "text/html").querySelector("main h1") : null;
    if (said && id === "failed") {
      box.querySelector("strong").textContent = said.textContent;
      const next = said.parentElement.querySelector("p");
      box.querySelector("p").lastChild.textContent = next ? " " + next.textContent.trim() : "";
    }
    place.replaceChildren(box);
  };
  on("htmx:responseError", (e) => explain(e, e.detail.xhr.status === 401 ? "signed-out" : "failed"));
  on("htmx:sendError", (e) => explain(e, "unreachable"));

  /* 7. Clocks: the length of a call, and the line « now » of the day, which moves without being announced. */
  const tick = () => {
    all("[data-palier-timer]").forEach((el) => {
      if (el.palierFrom === undefined) {
        const there = el.dataset.palierTimerNow ? Date.parse(el.dataset.palierTimerNow) - Date.now() : 0;
        el.palierFrom = Date.parse(el.dataset.palierTimer) - there;
      }
      const s = Math.max(0, Math.floor((Date.now() - el.palierFrom) / 1000)), two = (n) => String(n).padStart(2, "0");
      el.textContent = (s >= 3600 ? Math.floor(s / 3600) + ":" : "") + two(Math.floor(s / 60) % 60) + ":" + two(s % 60);
    });
  };
  const moveNow = () => all("[data-palier-now]").forEach((line) => {
    if (line.palierShift === undefined) { line.palierShift = Date.parse(line.dataset.palierNow) - Date.now(); return; }
    const now = new Date(Date.now() + line.palierShift);
    line.firstElementChild.textContent = hour(now);
    let after = null;
    all(".row time[datetime]", line.parentElement).forEach((time) => { if (/T/.test(time.dateTime) && Date.parse(time.dateTime) <= now.getTime()) { after = near(time, ".row"); } });
    if (after && line.compareDocumentPosition(after) & Node.DOCUMENT_POSITION_FOLLOWING) { after.after(line); }
  });
  setInterval(tick, 1000);
  setInterval(moveNow, 30000);

  /* 8. What « undo » offers ends when it says. */
  const undos = () => all("[data-palier-undo]").forEach((box) => {
    if (box.palierEnds) { return; }
    box.palierEnds = true;
    setTimeout(() => { const f = box.querySelector("form"); if (f && !f.contains(document.activeElement)) { all("form, .meta", box).forEach((n) => n.remove()); } }, box.dataset.palierUndo * 1000);
  });

  /* 9. Focus goes on purpose to what has just come: the errors, the next thing to do, the heading of what opened. */
  const focusOn = (where) => {
    const target = where.matches && where.matches("[data-palier-focus]") ? where : where.querySelector("[data-palier-focus]");
    if (!target) { return; }
    if (!target.matches("a, button, input, select, textarea, [tabindex]")) { target.tabIndex = -1; }
    target.focus();
  };
  const prepare = (where) => {
    all("form[data-palier-draft-url]", where).forEach(watch);
    if (where.matches && where.matches("form[data-palier-draft-url]")) { watch(where); }
    all(GROUP, where).forEach((group) => { const inputs = inputsOf(group); rove(inputs, inputs.find((i) => i.type === "checkbox")); });
    reveal(where);
    tally(where);
    tick(); moveNow(); undos();
  };
  on("htmx:afterSettle", (e) => { prepare(e.detail.elt); focusOn(e.detail.elt); });
  /* htmx notes the address of the page in the tab: not left behind for whoever sits down next. */
  on("pagehide", () => { try { sessionStorage.clear(); } catch (e) { /* storage is forbidden here: all the better */ } }, window);
  on("htmx:configRequest", (e) => { if (e.detail.verb !== "get") { e.detail.headers["X-CSRFToken"] = csrf(); } });

  /* A passkey that does not answer only says so in the console: say it on the page. */
  on("allauth.error", () => {
    const said = word("passkey"), place = document.getElementById("messages");
    if (said && place) { place.replaceChildren(said.cloneNode(true)); }
  });

  /* 10. Live. The server says « kind, id », never a name; pages fetch what they show. One tab listens for all (a browser opens
         few connections to one place); while no stream comes, the tab asks every two seconds. */
  const streamUrl = document.body.dataset.palierLiveUrl, pollUrl = document.body.dataset.palierPollUrl;
  const place = "palier " + (streamUrl || pollUrl);
  const channel = (streamUrl || pollUrl) && "BroadcastChannel" in window ? new BroadcastChannel(place) : null;
  const heard = (message) => {
    document.body.dispatchEvent(new CustomEvent("palier:live", { bubbles: true, detail: message }));
    document.body.dispatchEvent(new CustomEvent("palier:live-" + message.kind, { bubbles: true, detail: message }));
    all("[data-palier-fresh]").forEach((box) => {
      const kinds = box.dataset.palierFresh.split(" "), said = box.querySelector("span");
      if (!said || !(kinds.includes(message.kind) || kinds.includes("*"))) { return; }
      const n = Number(box.dataset.n || 0) + 1;
      box.dataset.n = n;
      said.textContent = n === 1 ? box.dataset.one : box.dataset.many.replace("{n}", n);
      box.hidden = false;
    });
    if (message.counts) { all("[data-palier-count]").forEach((el) => { const n = message.counts[el.dataset.palierCount]; if (n !== undefined) { el.firstElementChild.textContent = n; el.hidden = !n; } }); }
  };
  const share = (message) => { heard(message); if (channel) { channel.postMessage(message); } };
  const listen = () => {
    let last = null, asking = null, source = null;
    const ask = async () => {
      try {
        const answer = await fetch(pollUrl + (last === null ? "" : (pollUrl.includes("?") ? "&" : "?") + "after=" + encodeURIComponent(last)), { credentials: "same-origin", headers: { Accept: "application/json", "X-Requested-With": "palier" } });
        if (answer.redirected || answer.status === 401 || answer.status === 403) { stop(); return; }
        if (!answer.ok) { return; }
        const news = await answer.json();
        if (last !== null) { (news.events || []).forEach(share); }
        last = news.last;
      } catch (e) { /* no line: asked again in two seconds */ }
    };
    const start = () => { if (pollUrl && asking === null) { ask(); asking = setInterval(ask, 2000); } };
    const stop = () => { clearInterval(asking); asking = null; };
    const connect = () => {
      if (!streamUrl || !("EventSource" in window)) { start(); return; }
      source = new EventSource(streamUrl, { withCredentials: true });
      /* What came between the last question and the first word of the stream is asked once more. */
      source.onopen = () => { if (asking !== null) { stop(); ask(); } };
      source.onmessage = (e) => { if (e.lastEventId) { last = e.lastEventId; } try { share(JSON.parse(e.data)); } catch (error) { /* a comment or a heartbeat */ } };
      source.onerror = () => { start(); if (source.readyState === EventSource.CLOSED) { setTimeout(connect, 30000); } };
    };
    connect();
  };
  if (streamUrl || pollUrl) {
    if (channel && navigator.locks) {
      channel.onmessage = (e) => heard(e.data);
      navigator.locks.request(place, () => { listen(); return new Promise(() => {}); });
    } else { listen(); }
  }

  /* 11. The search field shows people while one types. htmx drops an answer that a later letter overtakes; here the arrows, Enter
         and Escape, and the list that opens and closes. The field keeps the focus: aria-activedescendant says where one is. */
  const listOf = (field) => document.getElementById(field.getAttribute("aria-controls"));
  const optionsOf = (field) => all("[role=option]", listOf(field));
  const mark = (field, option) => {
    optionsOf(field).forEach((o) => o.setAttribute("aria-selected", o === option ? "true" : "false"));
    if (option) { field.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
    else { field.removeAttribute("aria-activedescendant"); }
  };
  const open = (field, isOpen) => {
    const list = listOf(field);
    list.hidden = !isOpen || !list.querySelector("[role=option]");
    field.setAttribute("aria-expanded", list.hidden ? "false" : "true");
    if (list.hidden) { mark(field, null); }
  };
  const COMBO = "[data-palier-find] [role=combobox]";
  on("htmx:afterSwap", (e) => {
    const field = e.detail.elt.id ? document.querySelector(`${COMBO}[aria-controls="${e.detail.elt.id}"]`) : null;
    if (!field) { return; }
    const said = e.detail.elt.querySelector("[data-palier-said]"), status = document.getElementById("q-said");
    open(field, document.activeElement === field && field.value.trim() !== "");
    mark(field, null);
    if (status) { status.textContent = said ? said.textContent : ""; }
  });
  on("htmx:beforeSwap", (e) => {
    /* Emptied, or left with Escape, while the answer was on its way. */
    const field = e.detail.requestConfig && near(e.detail.requestConfig.elt, COMBO);
    if (field && (field.value.trim() === "" || field.palierLeft)) { e.detail.shouldSwap = false; }
  });
  on("input", (e) => {
    const field = near(e.target, COMBO);
    if (!field) { return; }
    field.palierLeft = false;
    if (field.value.trim() === "") { listOf(field).replaceChildren(); open(field, false); }
  });
  on("focusin", (e) => { const field = near(e.target, COMBO); if (field && field.value.trim() !== "") { open(field, true); } });
  on("focusout", (e) => {
    const form = near(e.target, "[data-palier-find]"), field = form && form.querySelector("[role=combobox]");
    if (field && !form.contains(e.relatedTarget)) { open(field, false); }
  });
  /* The field keeps the focus while the mouse is on a line. */
  on("mousedown", (e) => { if (near(e.target, "[data-palier-find] [role=listbox]")) { e.preventDefault(); } });
  on("keydown", (e) => {
    const field = near(e.target, COMBO);
    if (!field || e.ctrlKey || e.altKey || e.metaKey || e.isComposing) { return; }
    const options = optionsOf(field), at = options.findIndex((o) => o.getAttribute("aria-selected") === "true");
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      if (!options.length) { return; }
      e.preventDefault();
      open(field, true);
      const step = e.key === "ArrowDown" ? 1 : -1;
      mark(field, options[at < 0 ? (step > 0 ? 0 : options.length - 1) : (at + step + options.length) % options.length]);
    } else if (e.key === "Enter" && at >= 0 && !listOf(field).hidden) {
      e.preventDefault();
      options[at].click();
    } else if (e.key === "Escape" && !listOf(field).hidden) {
      e.preventDefault();
      field.palierLeft = true;
      open(field, false);
    }
  });

  prepare(document);
  focusOn(document);
})();
