// The order of what a search finds, and what is shown of each page. Sphinx loads this behind its own searchtools.js and
// keeps index, stemmer and list; here a result gets its score, and a summary of one paragraph with its section.
// A word of the glossary leads to its entry and then to the chapter that explains it; pages go before the package,
// unless the query is a name of code.
const SearchOrder = {
  terms: [], // one for each entry of the glossary: its names, the first of which is its title, its anchor, its chapter
  fields: [], // what the query is called in the glossary, for pages that do not use the reader's word
  code: false,
  marked: "", // what is marked on a page that was found

  // What a page is worth that holds the words somewhere; chapters in their order.
  page(name) {
    const chapter = name.match(/^book\/(\d+)_/);
    if (chapter) return 300 - Number(chapter[1]);
    if (name.startsWith("book/guide_")) return 220;
    const others = { index: 280, "book/cheat_sheet": 250, "book/notation": SearchOrder.code ? 310 : 270, "book/glossary": 260, "book/all_units": 210 };
    return { ...others, "book/references": 200, "book/api": 100 }[name] ?? 50;
  },

  stems(text) {
    const stemmer = new Stemmer();
    const words = splitQuery(text.toLowerCase()).filter((word) => !stopwords.includes(word) && !/^\d+$/.test(word));
    return new Set(words.map((word) => stemmer.stemWord(word)));
  },

  // What words begin with that have these stems: "memori" is in no text, and "memor" is.
  roots: (stems) => [...stems].map((stem) => stem.replace(/i$/, "")),

  // The share of a title that the query is: 1 if they have the same words, 0 if the query has others as well.
  share(wanted, title) {
    const words = SearchOrder.stems(title);
    return wanted.size && [...wanted].every((stem) => words.has(stem)) ? wanted.size / words.size : 0;
  },

  // Results as Sphinx has them: [page, title, anchor, description, score, file].
  ofGlossary(wanted) {
    const { docnames, titles, filenames } = Search._index;
    const at = (name) => docnames.indexOf(name);
    const glossary = at("book/glossary");
    return SearchOrder.terms.flatMap(({ names, anchor, chapter }) => {
      const shares = names.map((name) => SearchOrder.share(wanted, name));
      const best = Math.max(...shares);
      if (!best) return [];
      if (best === 1) SearchOrder.fields.push(...SearchOrder.stems(names[0]));
      const also = shares.indexOf(best) ? ` (${names[shares.indexOf(best)]})` : "";
      const score = best === 1 ? 1000 : 500 + 300 * best;
      const entry = ["book/glossary", `${titles[glossary]} > ${names[0]}${also}`, anchor, null, score, filenames[glossary]];
      const to = at(chapter);
      return to < 0 ? [entry] : [entry, [chapter, titles[to], "", null, score - 10, filenames[to]]];
    });
  },

  ofTitles(wanted) {
    const { docnames, titles, filenames, alltitles } = Search._index;
    return Object.entries(alltitles).flatMap(([title, places]) => {
      const share = SearchOrder.share(wanted, title);
      return places
        .filter(([file]) => share && docnames[file] !== "book/glossary")
        .map(([file, id]) => {
          const apart = SearchOrder.page(docnames[file]) < 200; // the package has titles of its own for everything
          const score = apart ? 120 + 50 * share : share === 1 ? 950 : 400 + 300 * share;
          const words = id === null ? titles[file] : `${titles[file]} > ${title}`;
          return [docnames[file], words, id === null ? "" : `#${id}`, null, score, filenames[file]];
        });
    });
  },

  ofPages(searchTerms, excludedTerms) {
    const found = Search.performTermsSearch(searchTerms, excludedTerms);
    found.forEach((result) => (result[4] = SearchOrder.page(result[0])));
    return found;
  },

  ofCode(query, objectTerms) {
    const found = [...objectTerms].flatMap((term) => Search.performObjectSearch(term, objectTerms));
    const [, last] = query.trim().match(/([^.]*?)[.()]*$/);
    for (const result of SearchOrder.code ? found : []) {
      if (`.${result[1]}`.endsWith(`.${query.trim()}`)) result[4] += 3000;
      else if (result[1].split(".").at(-1).startsWith(last)) result[4] += 2000;
    }
    return found;
  },

  // How much of what is looked for a text has, by letters: the long words tell more.
  weight(text, stems) {
    const lower = text.toLowerCase();
    const times = stems.map((stem) => lower.split(stem).length - 1);
    return stems.reduce((sum, stem, k) => sum + (times[k] && stem.length + 0.1 * Math.min(times[k], 4)), 0);
  },

  // The paragraph that has most of it, and of those one that introduces the word, by a link to the glossary, rather than
  // one that repeats it or lists it; at last the earliest.
  best(page, stems) {
    const lists = /^(What you|Sources|Exercise)/;
    let [best, most] = [null, 0];
    for (const node of page.querySelectorAll("p, li, dd, td, h2, h3, h4")) {
      if (node.closest("nav")) continue;
      const weight = SearchOrder.weight(node.textContent, stems);
      const listed = lists.test(node.closest("section")?.querySelector("h2, h3, h4")?.textContent);
      const introduced = [...node.querySelectorAll('a[href*="glossary.html#"]')].some(
        (link) => SearchOrder.weight(link.textContent, stems) >= 1,
      );
      const value = weight && weight + (introduced ? 0.5 : 0) - (listed ? 0.9 : 0);
      if (value > most) [best, most] = [node, value];
    }
    return { best, most };
  },

  // What a page says, without what repeats it.
  read(html) {
    // A strict policy complains of styles even in a page that is only read.
    const words = html.replace(/<(script|style|svg)\b[^]*?<\/\1>/g, "").replace(/ (style|onclick)="[^"]*"/g, "");
    const page = new DOMParser().parseFromString(words, "text/html").querySelector("article");
    page?.querySelectorAll(".headerlink, annotation, .cell_output").forEach((node) => node.remove());
    // Without them an index would stand as one more letter.
    page?.querySelectorAll("msub, msubsup").forEach(({ children }) => children[1].prepend("_"));
    page?.querySelectorAll("msup, msubsup").forEach(({ lastElementChild }) => lastElementChild.prepend("^"));
    return page;
  },

  cut(text, stems) {
    const first = Math.min(...stems.map((stem) => text.toLowerCase().indexOf(stem)).filter((place) => place >= 0), text.length);
    const start = first > 200 ? text.lastIndexOf(" ", first - 80) + 1 : 0;
    const end = text.length > start + 260 ? text.lastIndexOf(" ", start + 260) : text.length;
    return `${start ? "… " : ""}${text.slice(start, end)}${end < text.length ? " …" : ""}`;
  },
};

Search._performSearch = (query, searchTerms, excludedTerms, highlightTerms, objectTerms) => {
  const wanted = SearchOrder.stems(query);
  SearchOrder.code = /[_.(]|[a-z][A-Z]/.test(query);
  SearchOrder.fields = [];
  let found = [
    ...SearchOrder.ofGlossary(wanted),
    ...SearchOrder.ofTitles(wanted),
    ...SearchOrder.ofPages(searchTerms, excludedTerms),
    ...SearchOrder.ofCode(query, objectTerms),
  ];
  // No page has all of the words: then those that have some.
  if (!found.length) found = [...searchTerms].flatMap((term) => SearchOrder.ofPages(new Set([term]), excludedTerms));
  if (found.some(([page, , anchor]) => page === "book/glossary" && anchor))
    found = found.filter(([page, , anchor]) => page !== "book/glossary" || anchor);
  const highest = new Map(); // one for each place
  found.sort(_orderResultsByScoreThenName).forEach((result) => highest.set(result[0] + result[2], result));
  return [...highest.values()].sort(_orderResultsByScoreThenName); // shown from the end
};

// Several words that are nobody's name: pages that have them in one paragraph go before those where they lie apart.
Search.query = async (query) => {
  const [, searchTerms, excludedTerms, highlightTerms, objectTerms] = Search._parseQuery(query);
  SearchOrder.marked = [...highlightTerms].join(" ");
  localStorage.removeItem(MARKED);
  const results = Search._performSearch(query, searchTerms, excludedTerms, highlightTerms, objectTerms);
  if (searchTerms.size > 1 && results.length && results.at(-1)[4] < 900) {
    const root = document.documentElement.dataset.content_root;
    const weigh = async (result) => {
      const answer = await fetch(`${root}${result[0]}${DOCUMENTATION_OPTIONS.FILE_SUFFIX}`);
      const page = SearchOrder.read(await answer.text());
      if (page) result[4] += 5 * SearchOrder.best(page, SearchOrder.roots(searchTerms)).most;
    };
    const pages = results.filter(([, , anchor, , score]) => !anchor && score > 200);
    await Promise.all(pages.map((result) => weigh(result).catch(() => {}))); // from a disk nothing can be fetched
    results.sort(_orderResultsByScoreThenName);
  }
  _displayNextItem(results, results.length, searchTerms, highlightTerms);
};

Documentation.TRANSLATIONS["Search finished, found ${resultCount} page(s) matching the search query."] = "Results: ${resultCount}.";

// The words are marked on a page that is opened from the results, and not on whatever is opened next.
const MARKED = "sphinx_highlight_terms";
for (const event of ["click", "auxclick"])
  document.addEventListener(event, ({ target }) => {
    if (target.closest("#search-results a")) localStorage.setItem(MARKED, SearchOrder.marked);
  });

// From the field the next stop of the keyboard is the first result; the theme's own script looks for a field elsewhere.
_ready(() => document.querySelector(".bd-search-container input")?.focus());

const _performAloud = Search.performSearch;
Search.performSearch = (query) => {
  _performAloud(query);
  Search.status.setAttribute("role", "status");
};

Search.makeSearchSummary = (html, keywords, anchor) => {
  const summary = Object.assign(document.createElement("p"), { className: "context" });
  const page = SearchOrder.read(html);
  if (!page) return summary;
  let stems = SearchOrder.roots(keywords);
  const place = anchor && page.ownerDocument.getElementById(anchor.slice(1));
  let paragraph = place ? place.querySelector("p:not(td p, th p), dd") : SearchOrder.best(page, stems).best;
  if (!paragraph && SearchOrder.fields.length) {
    stems = SearchOrder.roots(SearchOrder.fields);
    paragraph = SearchOrder.best(page, stems).best;
  }
  paragraph ??= page.querySelector("p");
  if (!paragraph) return summary;
  const heading = /^H\d/.test(paragraph.tagName);
  const shown = (heading && paragraph.parentElement.querySelector("p")) || paragraph;
  summary.textContent = SearchOrder.cut(shown.textContent.replace(/\\[()]/g, "").replace(/\s+/g, " ").trim(), stems);
  const section = paragraph.closest("section");
  if (!place && section?.id && section.parentElement.closest("section"))
    queueMicrotask(() => {
      const link = summary.parentElement?.querySelector("a");
      const target = link && Object.assign(link.cloneNode(), { hash: section.id }).href;
      if (!link || [...document.querySelectorAll("#search-results a")].some(({ href }) => href === target)) return;
      link.hash = section.id;
      link.append(` > ${section.querySelector("h2, h3, h4").textContent}`);
    });
  return summary;
};
