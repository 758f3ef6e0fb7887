// The site's settings in; whether the files that stay are its default drive, and the plugin that makes them so, out.

import { PageConfig } from "@jupyterlab/coreutils";
import { type Contents, IDefaultDrive, type ServiceManagerPlugin } from "@jupyterlab/services";

/** In front of the paths: `Kept:folder/file`. */
export const DRIVE = "Kept";
/** Where kernels have the same files. */
export const FOLDER = "/persist";

export const ID = "jupyterlite-rpy:kept";

/** `litePluginSettings` of jupyter-lite.json: `{"jupyterlite-rpy:kept": {"default": true}}`. */
export function isDefault(): boolean {
  const own = JSON.parse(PageConfig.getOption("litePluginSettings") || "{}")[ID] ?? {};
  return own.default === true && !PageConfig.Extension.isDisabled(ID);
}

/** JupyterLite's own plugin provides the same; who is registered last wins, and labextensions come after it. */
export const defaultDrive: ServiceManagerPlugin<Contents.IDrive> = {
  id: "jupyterlite-rpy:default-drive",
  description: "Files that stay in the browser are the default drive.",
  autoStart: true,
  provides: IDefaultDrive,
  activate: async () => (await import("./kept_drive")).theDrive(true),
};
