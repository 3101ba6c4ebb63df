// The bar that offers to run a chapter's Python here. What does so is loaded when it is asked for.
{
  const bar = document.querySelector(".run-bar");
  const kept = () => {
    try {
      return Object.keys(JSON.parse(localStorage.getItem(`run ${location.pathname}`) ?? "{}")).length;
    } catch {
      return 0;
    }
  };
  // From the disk a page may start no worker.
  if (location.protocol === "file:") bar?.remove();
  else if (bar) {
    const said = bar.querySelector("[role=status]");
    if (kept()) said.textContent = `What you typed here before is kept: ${kept() === 1 ? "one cell" : `${kept()} cells`}.`;
    const script = new URL(`${document.documentElement.dataset.content_root}_static/run/run.js`, location.href);
    const begin = async () => {
      try {
        (await import(script)).start(bar);
      } catch {
        said.textContent = "Python could not be loaded. Is the connection up? Try again.";
        bar.querySelector("button").addEventListener("click", begin, { once: true });
      }
    };
    bar.querySelector("button").addEventListener("click", begin, { once: true });
  }
}
