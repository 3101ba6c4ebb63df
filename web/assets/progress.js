// How far a reader has come, kept in this browser alone: which sections were on the screen, which exercises are solved.
// The contents and the first page show it. An exercise is solved when the document hears the event "exercise-solved".
{
  const root = new URL(document.documentElement.dataset.content_root ?? "./", location.href);
  const STORE = `progress:${root.pathname}`; // other books may have the same host
  const CHAPTER = /^book\/\d\d_\w+$/;
  const LOOKED = 3000; // ms on the screen

  const pageOf = (link) => {
    const { origin, pathname } = new URL(link, location.href);
    return origin === root.origin && pathname.startsWith(root.pathname)
      ? pathname.slice(root.pathname.length).replace(/\.html$/, "")
      : "";
  };
  const here = pageOf(location.href);

  // Where the browser keeps nothing, the page lives on, and knows what it sees until it is left.
  let memory = {};
  const load = () => {
    try {
      memory = JSON.parse(localStorage.getItem(STORE)) ?? {};
    } catch {
      // nothing kept, or not allowed
    }
    return memory;
  };
  const keep = (all) => {
    memory = all;
    try {
      if (Object.keys(all).length) localStorage.setItem(STORE, JSON.stringify(all));
      else localStorage.removeItem(STORE);
    } catch {
      // full, or not allowed
    }
    show();
  };

  const numberOf = (heading) => /^Exercise (\d+\.\d+)/.exec(heading.textContent)?.[1];
  const headings = [...document.querySelectorAll("article h3")].filter(numberOf);
  const sections = [...document.querySelectorAll("article section section > h2")]
    .map((heading) => heading.parentElement)
    .filter(({ id }) => !["exercises", "sources"].includes(id)); // one may read a chapter without them

  const change = (call) => {
    const all = load();
    const own = (all[here] ??= { seen: [], solved: [] });
    Object.assign(own, { of: sections.length, exercises: headings.length });
    call(own);
    keep(all);
  };

  const inWords = ({ seen, of, solved, exercises }) => {
    const read = seen.length >= of ? "read" : `${seen.length} of ${of} sections read`;
    return solved.length ? `${read}, ${solved.length} of ${exercises} exercises solved` : read;
  };
  const inSigns = ({ seen, of, solved, exercises }) =>
    [seen.length >= of ? "✓" : "◐", solved.length && `${solved.length}/${exercises}`].filter(Boolean).join(" ");

  const mark = (signs, words) => {
    const node = Object.assign(document.createElement("span"), { className: "progress-mark", title: words });
    const sign = Object.assign(document.createElement("span"), { textContent: signs });
    sign.setAttribute("aria-hidden", "true");
    const text = Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: `\u00a0(${words})` });
    node.append(sign, text);
    return node;
  };

  const forget = Object.assign(document.createElement("button"), {
    type: "button",
    className: "progress-forget",
    textContent: "Forget my progress",
    title: "It is kept in this browser alone",
  });
  const forgotten = Object.assign(document.createElement("p"), { className: "progress-forgotten", tabIndex: -1 });
  forget.addEventListener("click", () => {
    if (!confirm("Forget which chapters you have read and which exercises you have solved?")) return;
    forgotten.textContent = "Forgotten.";
    keep({});
    forgotten.focus();
  });

  const show = () => {
    document.querySelectorAll(".progress-mark").forEach((node) => node.remove());
    document.querySelectorAll(".bd-sidebar-primary nav a, #the-chapters > ol a").forEach((link) => {
      const progress = memory[pageOf(link.href)];
      const first = link.closest("li")?.querySelector("a") === link; // in the list, a chapter's own link
      if (!progress?.seen.length || !first) return;
      const own = mark(inSigns(progress), inWords(progress));
      // In the contents a link is a whole line; on the first page what a chapter is about stands behind it.
      (link.closest("nav") ? link : link.closest("li").querySelector("p") ?? link.closest("li")).append(own);
    });
    document.querySelectorAll(".solved-before").forEach((node) => node.remove());
    headings.forEach((heading) => {
      if (!memory[here]?.solved.includes(numberOf(heading))) return;
      const [sign, own] = [heading.querySelector(".headerlink"), mark("✓", "solved")];
      own.prepend("\u00a0");
      if (sign) sign.before(own);
      else heading.append(own);
      const button = heading.parentElement.querySelector("form.answer:not([data-verdict]) [type=submit]");
      const words = { className: "solved-before", textContent: "You have solved this." };
      button?.after(Object.assign(document.createElement("p"), words));
    });
    forget.hidden = !Object.keys(memory).length;
    if (!forget.hidden) {
      if (document.activeElement === forgotten) forget.focus();
      forgotten.textContent = "";
    }
  };

  // A section is read when it has been on the screen for a moment.
  const watch = () => {
    const timers = new Map();
    const look = new IntersectionObserver((entries) =>
      entries.forEach(({ target, isIntersecting }) => {
        clearTimeout(timers.get(target));
        if (!isIntersecting) return;
        const seen = () => {
          look.unobserve(target);
          change((own) => (own.seen = [...new Set([...own.seen, target.id])]));
        };
        timers.set(target, setTimeout(seen, LOOKED));
      }),
    );
    const known = new Set(load()[here]?.seen);
    sections.filter(({ id }) => !known.has(id)).forEach((section) => look.observe(section));
  };

  document.querySelector(".bd-sidebar-primary")?.append(forget, forgotten);
  load();
  show();
  if (CHAPTER.test(here)) {
    watch();
    document.addEventListener("exercise-solved", ({ detail }) =>
      change((own) => (own.solved = [...new Set([...own.solved, detail.exercise])])),
    );
  }
  addEventListener("storage", ({ key }) => {
    if (key !== STORE && key !== null) return;
    memory = {};
    load();
    show();
  });
}
