// The editor of a cell: CodeMirror, in the colours that the page gives to code.
import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState, Prec } from "@codemirror/state";
import { drawSelection, EditorView, keymap } from "@codemirror/view";
import { tagHighlighter, tags } from "@lezer/highlight";
import { StyleModule } from "style-mod";

// Style sheets are adopted: a strict content policy has no place for <style>.
const adopted = new Set();
StyleModule.mount = (root, modules) => {
  for (const module of [modules].flat().filter((one) => !adopted.has(one))) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(module.getRules());
    adopted.add(module);
    document.adoptedStyleSheets.push(sheet);
  }
};

// The classes that Pygments gives to the code on the page.
const pygments = syntaxHighlighting(
  tagHighlighter([
    { tag: tags.keyword, class: "k" },
    { tag: [tags.bool, tags.null], class: "kc" },
    { tag: tags.operatorKeyword, class: "ow" },
    { tag: [tags.operator, tags.compareOperator, tags.arithmeticOperator], class: "o" },
    { tag: [tags.string, tags.special(tags.string)], class: "s2" },
    { tag: tags.number, class: "mi" },
    { tag: tags.comment, class: "c1" },
    { tag: tags.function(tags.definition(tags.variableName)), class: "nf" },
    { tag: tags.definition(tags.className), class: "nc" },
    { tag: tags.meta, class: "nd" },
  ]),
);

const look = EditorView.theme({
  "&": { color: "inherit", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "inherit", lineHeight: "inherit" },
  ".cm-content": { padding: "0", caretColor: "var(--pst-color-text-base)" },
  ".cm-line": { padding: "0" },
  "& > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground":
    { backgroundColor: "var(--run-selected)" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--pst-color-text-base)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--run-selected)" },
});

// Tab belongs to the page until the reader types or clicks in the editor: then it indents, until Escape or the way out.
export const editorIn = (parent, text, { label, describedBy, run, goOn, changed, indents }) => {
  const work = (view, yes) => {
    view.setTabFocusMode(!yes);
    indents(yes);
  };
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        Prec.highest(
          keymap.of([
            { key: "Shift-Enter", run: () => (goOn(), true) },
            { key: "Mod-Enter", run: () => (run(), true) },
            { key: "Escape", run: (view) => (work(view, false), false) },
          ]),
        ),
        history(),
        drawSelection(),
        python(),
        pygments,
        indentUnit.of("    "),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab]),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": label, ...(describedBy && { "aria-describedby": describedBy }) }),
        EditorView.domEventObservers({
          mousedown: (_, view) => work(view, true),
          blur: (_, view) => document.hasFocus() && work(view, false), // not where the whole window is left
        }),
        EditorView.updateListener.of(({ docChanged, state, view }) => {
          if (!docChanged) return;
          if (view.hasFocus) work(view, true);
          changed(state.doc.toString());
        }),
        look,
      ],
    }),
  });
  work(view, false);
  return view;
};
