// The page's share scope in; those parts of the integration that this page can have, activated.
//
// A part that asks for a package which the page lacks could not even be loaded: the REPL has no status bar, JupyterLab on a server
// no kernel in the page. So this one plugin looks first. To add a part: a file with a default export, and a line here.

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { defaultDrive, isDefault } from "./default_drive";
import style from "../style/index.css";

type Part = JupyterFrontEndPlugin<unknown>;

const PARTS: { needs: string[]; load: () => Promise<{ default: Part }> }[] = [
  { needs: ["@jupyterlite/services"], load: () => import("./kernel") },
  { needs: ["@jupyterlite/services", "@jupyterlab/apputils", "@jupyterlab/filebrowser"], load: () => import("./kept") },
  { needs: ["@jupyterlab/codemirror", "@codemirror/language", "@codemirror/view"], load: () => import("./rcells") },
  { needs: ["@jupyterlab/notebook", "@jupyterlab/apputils"], load: () => import("./cells") },
  { needs: ["@jupyterlab/notebook", "@jupyterlab/apputils"], load: () => import("./variables") },
  { needs: ["@jupyterlab/statusbar"], load: () => import("./status") },
];

async function isDisabled(): Promise<(id: string) => boolean> {
  const { PageConfig } = await import("@jupyterlab/coreutils");
  return PageConfig.Extension.isDisabled;
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: "jupyterlite-rpy:plugin",
  description: "Loads the parts of the R integration that this page can have.",
  autoStart: true,
  activate: async (app: JupyterFrontEnd) => {
    const sheet = document.createElement("style");
    sheet.textContent = style;
    document.head.append(sheet);
    const shared = __webpack_share_scopes__.default;
    const possible = PARTS.filter(({ needs }) => needs.every((name) => name in shared));
    const [disabled, ...loaded] = await Promise.all([isDisabled(), ...possible.map((part) => part.load())]);
    const wanted = loaded.map((part) => part.default).filter(({ id }) => !disabled(id));
    for (const part of wanted) app.registerPlugin(part);
    await Promise.all(wanted.filter(({ autoStart }) => autoStart).map(({ id }) => app.activatePlugin(id)));
  },
};

// Before there is an app: what is to be the default drive must be known when the services start.
export default isDefault() ? [plugin, defaultDrive] : plugin;
