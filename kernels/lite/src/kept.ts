// The drive of files that stay (kept_drive.ts) in; a file browser for it, in the left side bar, out.

import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from "@jupyterlab/application";
import { Notification } from "@jupyterlab/apputils";
import { type FileBrowser, IFileBrowserFactory, Uploader } from "@jupyterlab/filebrowser";
import { ITranslator, nullTranslator } from "@jupyterlab/translation";
import { ToolbarButton, addIcon, newFolderIcon, refreshIcon, saveIcon } from "@jupyterlab/ui-components";
import { DRIVE, ID, isDefault } from "./default_drive";
import { theDrive } from "./kept_drive";

/** Below the site's own files. */
const RANK = 101;

const plugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: "Kept in this browser: a drive whose files stay, and which kernels have at /persist.",
  autoStart: true,
  optional: [IFileBrowserFactory, ILayoutRestorer, ITranslator],
  activate: (app: JupyterFrontEnd, factory: IFileBrowserFactory | null, restorer: ILayoutRestorer | null, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load("jupyterlite_rpy");
    const drive = theDrive(isDefault());
    drive.told.connect((_, message) => Notification.warning(message, { autoClose: false }));
    if (isDefault()) return;
    app.serviceManager.contents.addDrive(drive);
    if (!factory) return;
    const browser = factory.createFileBrowser("jupyterlite-rpy-kept", { driveName: DRIVE });
    browser.title.icon = saveIcon;
    browser.title.caption = trans.__("Kept in this browser");
    browser.node.setAttribute("role", "region");
    browser.node.setAttribute("aria-label", browser.title.caption);
    addButtons(app, browser, trans.__.bind(trans), translator);
    // JupyterLab's own browsers look again only if they show the root of their drive.
    drive.fileChanged.connect(() => void browser.model.refresh());
    restorer?.add(browser, browser.id);
    app.shell.add(browser, "left", { rank: RANK, type: "File Browser" });
  },
};

function addButtons(app: JupyterFrontEnd, browser: FileBrowser, text: (words: string) => string, translator: ITranslator | null): void {
  const { commands } = app;
  const { model, toolbar } = browser;
  if (commands.hasCommand("launcher:create")) {
    const onClick = (): void => void commands.execute("launcher:create", { cwd: model.path });
    toolbar.addItem("new-launcher", new ToolbarButton({ icon: addIcon, tooltip: text("New Launcher"), onClick }));
  }
  toolbar.addItem("new-directory", new ToolbarButton({ icon: newFolderIcon, tooltip: text("New Folder"), onClick: () => void browser.createNewDirectory() }));
  toolbar.addItem("upload", new Uploader({ model, translator: translator ?? undefined }));
  toolbar.addItem("refresh", new ToolbarButton({ icon: refreshIcon, tooltip: text("Refresh File List"), onClick: () => void model.refresh() }));
}

export default plugin;
