// On paper every fold is open, under a label that asks for nothing, and the page is light; afterwards all is as it was.
{
  let undo = [];
  const change = (object, key, value) => {
    const before = object[key];
    object[key] = value;
    undo.push(() => (object[key] = before));
  };

  addEventListener("beforeprint", () => {
    change(document.documentElement.dataset, "theme", "light");
    document.querySelectorAll("details").forEach((fold) => change(fold, "open", true));
    document.querySelectorAll("details.hide .collapsed").forEach((label) => {
      const [, first, rest] = label.textContent.match(/^(?:Show )?(.)(.*)$/s);
      change(label, "textContent", first.toUpperCase() + rest);
    });
  });
  addEventListener("afterprint", () => undo.splice(0).forEach((back) => back()));
}
