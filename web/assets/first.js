// Runs before a page is first painted: what the theme does in scripts within the page, which a strict content policy
// blocks. A browser that keeps nothing for the site leaves the page as the reader's system is.
{
  const kept = () => {
    try {
      return localStorage.getItem("mode");
    } catch {
      return null;
    }
  };
  const page = document.documentElement;
  const mode = ["light", "dark"].includes(kept()) ? kept() : "auto";
  page.dataset.mode = mode;
  page.dataset.theme = mode !== "auto" ? mode : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";

  // The theme writes what it does to the console, each line beginning with [PST] or [SBT].
  const { log } = console;
  console.log = (...words) => /^\[(PST|SBT)\]/.test(words[0]) || log(...words);

  // The theme's buttons, by the name of what they do.
  const press = {
    fullscreen: () => window.toggleFullScreen(),
    print(item) {
      window.print();
      item.closest(".dropdown")?.querySelector("[data-bs-toggle]").focus(); // the menu has closed over the item
    },
  };
  document.addEventListener("click", ({ target }) => {
    const item = target.closest("[data-press]");
    press[item?.dataset.press]?.(item);
  });

  // What a search has marked can be unmarked; Sphinx's own link is a script within the page.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".highlight-link a");
    if (!link) return;
    event.preventDefault();
    document.querySelectorAll(".highlighted").forEach((word) => word.classList.remove("highlighted"));
    link.parentElement.remove();
    document.getElementById("main-content").focus();
  });

  // On a phone the contents of a page lie over it, until one has been chosen.
  document.addEventListener("click", ({ target }) => target.closest('dialog a[href^="#"]')?.closest("dialog").close());

  // Some buttons of the theme give the focus away when they are pressed by the keyboard, or when what they opened closes.
  let pressed = null;
  const giveBack = () => {
    if (document.activeElement === document.body && pressed?.checkVisibility()) pressed.focus({ preventScroll: true });
  };
  const remember = ({ target, detail }) => {
    const button = target.closest("button");
    if (button) pressed = button;
    if (button && !detail) setTimeout(giveBack, 100);
  };
  document.addEventListener("click", remember, true);
  document.addEventListener("close", () => setTimeout(giveBack), true);

  document.addEventListener("DOMContentLoaded", () => document.querySelector(".bd-search-container input")?.select());
}
