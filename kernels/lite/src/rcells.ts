// Editors of cells in; those of R cells with R's colours, comments and indentation, from the letter on that makes them so, out.

import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import type { CodeEditor } from "@jupyterlab/codeeditor";
import { EditorExtensionRegistry, IEditorExtensionRegistry, IEditorLanguageRegistry } from "@jupyterlab/codemirror";
import { type EditorView, ViewPlugin } from "@codemirror/view";
import { language, MIME, R_CELL } from "./rlanguage";

/** Not Markdown, which is `text/x-ipythongfm`. */
const PYTHON = /^text\/x-i?python$/;
/** Longer than the lines before the code can sensibly be. */
const HEAD = 2000;

/** What cells were before they became R's: an editor may come and go meanwhile. */
const before = new WeakMap<CodeEditor.IModel, string>();

/** Keep the language of a model's editors that which its first lines say. */
function follow(model: CodeEditor.IModel, view: EditorView) {
  const sync = () => {
    const isR = R_CELL.test(view.state.sliceDoc(0, HEAD));
    if (isR && PYTHON.test(model.mimeType)) {
      before.set(model, model.mimeType);
      model.mimeType = MIME;
    } else if (!isR && model.mimeType === MIME) {
      model.mimeType = before.get(model) ?? "text/x-ipython";
    }
  };
  // A notebook sets the language of all its cells when it learns its kernel's.
  model.mimeTypeChanged.connect(sync);
  sync();
  return {
    update: ({ docChanged }: { docChanged: boolean }) => {
      if (docChanged) sync();
    },
    destroy: () => {
      model.mimeTypeChanged.disconnect(sync);
    },
  };
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: "jupyterlite-rpy:rcells",
  description: "R cells look like R.",
  autoStart: true,
  requires: [IEditorExtensionRegistry, IEditorLanguageRegistry],
  activate: (_, extensions: IEditorExtensionRegistry, languages: IEditorLanguageRegistry) => {
    languages.addLanguage({ name: "R in Python", mime: MIME, support: language() });
    extensions.addExtension({
      name: "jupyterlite-rpy:language",
      // Editors of whole files are not inline.
      factory: ({ inline, model }) =>
        inline ? EditorExtensionRegistry.createImmutableExtension(ViewPlugin.define((view) => follow(model, view))) : null,
    });
  },
};

export default plugin;
