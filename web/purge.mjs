// Take from style sheets, in place, the rules that no page and no script of a site can use.
// node purge.mjs FOLDER STYLESHEET...: names are looked for in every page and script under FOLDER.
import { writeFile } from "node:fs/promises";
import { PurgeCSS } from "purgecss";

const [folder, ...css] = process.argv.slice(2);
const sheets = await new PurgeCSS().purge({
  content: [`${folder}/**/*.html`, `${folder}/_static/**/*.js`],
  css,
  fontFace: true,
  keyframes: true,
  // The ring of the keyboard's focus, and what scripts put together from parts.
  safelist: { standard: [":focus-visible"], greedy: [/data-theme/, /data-mode/, /popper/, /bs-tooltip/] },
});
for (const { file, css: text } of sheets) await writeFile(file, text.replace(/\/\*# sourceMappingURL=.*?\*\//g, ""));
