// Symbols, words and links say what they mean, in one box: under the pointer, with the focus, or at a tap.
// What they mean stands at the end of the page (.meanings); a link names it by aria-describedby, the rest by data-means.
{
  const box = document.createElement("div");
  let shown = null; // what the box belongs to
  let timer = 0;
  let pointer = "mouse";

  const keysOf = (node) => (node.getAttribute("aria-describedby") ?? node.dataset.means).split(" ");
  const entry = (key) => document.getElementById(key);

  // In a formula the pointer is over one symbol: the element whose letters are those of one of the meanings.
  const letters = (node) => node.textContent.replace(/[\s\u2061-\u2064]/g, "").replace(/-/g, "−");
  const symbolUnder = (target, owner) => {
    for (let node = target; node !== owner; node = node.parentElement) {
      const key = keysOf(owner).find((one) => entry(one).dataset.letters === letters(node));
      if (key) return { key, part: node };
    }
    return null;
  };

  const hide = () => {
    clearTimeout(timer);
    box.hidden = true;
    shown?.mark.classList.remove("shown");
    shown = null;
  };

  const place = (rect) => {
    const gap = 6;
    const room = document.documentElement.clientWidth - box.offsetWidth - 12;
    const below = rect.bottom + gap + box.offsetHeight < innerHeight || rect.top < box.offsetHeight + gap;
    box.style.left = `${Math.max(12, Math.min(rect.left, room)) + scrollX}px`;
    box.style.top = `${(below ? rect.bottom + gap : rect.top - gap - box.offsetHeight) + scrollY}px`;
  };

  // Shows what `owner` means: all of it, or the one symbol that was meant; a place is where on the screen.
  const show = (owner, one, at) => {
    hide();
    const mark = one?.part ?? owner;
    const keys = one ? [one.key] : keysOf(owner);
    box.replaceChildren(...keys.flatMap((key) => [...entry(key).cloneNode(true).childNodes]));
    if (pointer === "touch" && owner.href) {
      const follow = Object.assign(document.createElement("p"), { className: "follow" });
      follow.textContent = "Tap again to read more.";
      box.append(follow);
    }
    const lines = [...mark.getClientRects()];
    shown = { owner, mark, key: keys.join() };
    mark.classList.add("shown");
    box.hidden = false;
    place(lines.find((line) => at && at.y >= line.top && at.y <= line.bottom) ?? lines.at(-1));
  };

  const ownerOf = (target) => target.closest?.(".explained");
  // A displayed formula is too large to explain as a whole.
  const wanted = (target) => {
    const owner = ownerOf(target);
    const one = owner && symbolUnder(target, owner);
    return owner && (one || owner.localName !== "div") ? { owner, one } : null;
  };

  const later = (call, wait) => {
    clearTimeout(timer);
    timer = setTimeout(call, wait);
  };

  const over = ({ target, pointerType, clientX, clientY }) => {
    if (pointerType === "touch") return;
    if (box.contains(target)) return clearTimeout(timer);
    const want = wanted(target);
    if (!want) return shown && shown.owner !== document.activeElement && later(hide, 250);
    if (shown?.mark === (want.one?.part ?? want.owner)) return clearTimeout(timer);
    later(() => show(want.owner, want.one, { x: clientX, y: clientY }), shown ? 120 : 200);
  };

  // The first tap on a link shows, the second follows.
  const tap = (event) => {
    if (pointer !== "touch") return;
    const want = wanted(event.target);
    if (!want) return box.contains(event.target) || hide();
    if (shown?.owner === want.owner && shown.tapped === want.owner.href && want.owner.href) return;
    event.preventDefault();
    show(want.owner, want.one, { x: event.clientX, y: event.clientY });
    shown.tapped = want.owner.href;
  };

  if (document.querySelector(".meanings")) {
    box.className = "meaning";
    box.hidden = true;
    box.setAttribute("aria-hidden", "true"); // it is read as the link's description
    document.body.append(box);
    document.querySelectorAll(".explained[title]").forEach((link) => link.removeAttribute("title"));
    document.addEventListener("pointerdown", (event) => (pointer = event.pointerType), true);
    document.addEventListener("pointerover", over);
    document.addEventListener("click", tap);
    document.addEventListener("focusin", ({ target }) => {
      const owner = ownerOf(target);
      if (owner?.matches(":focus-visible") && pointer !== "touch") show(owner);
    });
    document.addEventListener("focusout", ({ target }) => shown?.owner === target && hide());
    document.addEventListener("keydown", ({ key }) => {
      pointer = "keyboard";
      if (key === "Escape") hide();
    });
    // What scrolls in its own box leaves its explanation behind.
    document.addEventListener("scroll", ({ target }) => target !== document && hide(), true);
  }
}
