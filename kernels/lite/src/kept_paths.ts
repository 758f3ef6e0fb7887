// Paths as the drive of files that stay has them (folder/file) in; as the store has them (/persist/folder/file) out. And back.

import { FOLDER } from "./default_drive";

export const clean = (path: string): string => path.replace(/^\/+|\/+$/g, "");
export const full = (local: string): string => (local ? `${FOLDER}/${local}` : FOLDER);
export const short = (path: string): string => path.slice(FOLDER.length + 1);
export const folderOf = (local: string): string => local.slice(0, Math.max(local.lastIndexOf("/"), 0));
