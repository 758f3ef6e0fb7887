// What is in the table of kept files in; entries that can be used, and their versions, out.
//
// The format is that of Emscripten's IDBFS, so that other programs can read it: keys are absolute paths, each folder has an entry,
// `timestamp` is a Date. It is the entry's version: it always grows.

import { done, eachOf } from "./indexed_db.mjs";

/** The table's index, by which versions are read without contents. */
export const INDEX = "timestamp";

/** @typedef {{timestamp: Date, mode: number, contents?: Uint8Array<ArrayBuffer>, link?: string}} Entry */

/** @param {number} mode */
export const isFolder = (mode) => (mode & 0o170000) === 0o040000;

/** @param {string} path */
export const parentOf = (path) => path.slice(0, path.lastIndexOf("/"));

/** @param {string} path */
export const nameOf = (path) => path.slice(path.lastIndexOf("/") + 1);

/** @param {string} name @returns {[string, string]} what is before its extension, and that */
export function split(name) {
  const dot = name.lastIndexOf(".");
  return dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
}

/**
 * @param {string} folder that all paths are below
 * @param {IDBValidKey} key
 * @param {any} value
 * @returns {Entry | string} what is wrong with it
 */
export function sound(folder, key, value) {
  if (typeof key !== "string" || !key.startsWith(`${folder}/`) || /\/(\.{0,2})(\/|$)/.test(key)) return `${JSON.stringify(key)} is no path below ${folder}`;
  if (typeof value !== "object" || value === null) return `${key} has no entry`;
  const { timestamp, mode, contents, link } = value;
  if (!(timestamp instanceof Date) || Number.isNaN(+timestamp)) return `${key} has no time`;
  if (!Number.isInteger(mode)) return `${key} has no mode`;
  if (isFolder(mode)) return { timestamp, mode };
  if (typeof link === "string") return { timestamp, mode, link };
  if (contents instanceof Uint8Array) return { timestamp, mode, contents: /** @type {Uint8Array<ArrayBuffer>} */ (contents) };
  if (ArrayBuffer.isView(contents)) return { timestamp, mode, contents: new Uint8Array(/** @type {ArrayBuffer} */ (contents.buffer), contents.byteOffset, contents.byteLength) };
  if (contents instanceof ArrayBuffer) return { timestamp, mode, contents: new Uint8Array(contents) };
  return `${key} has no contents`;
}

/** But for their versions and rights. @param {Entry} one @param {Entry} other */
export function same(one, other) {
  if (isFolder(one.mode) || isFolder(other.mode)) return isFolder(one.mode) === isFolder(other.mode);
  if (one.link !== undefined || other.link !== undefined) return one.link === other.link;
  const [a, b] = [one.contents, other.contents];
  return a !== undefined && b !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** The version of each entry. @param {IDBObjectStore} table @returns {Promise<Map<string, number>>} */
export async function versionsIn(table) {
  /** @type {Map<string, number>} */
  const versions = new Map();
  await eachOf(table.index(INDEX).openKeyCursor(), ({ primaryKey, key }) => {
    versions.set(/** @type {string} */ (primaryKey), +(/** @type {Date} */ (key)));
  });
  return versions;
}

/** Is an entry still of this version? @param {IDBObjectStore} table @param {string} path @param {number} version @returns {Promise<boolean>} */
export async function isOfVersion(table, path, version) {
  return (await done(table.index(INDEX).getAllKeys(IDBKeyRange.only(new Date(version))))).includes(path);
}

/** How many entries there are and which is the latest: with each change by anybody, this changes. @param {IDBObjectStore} table @returns {Promise<string>} */
export async function glance(table) {
  const [count, latest] = await Promise.all([done(table.count()), done(table.index(INDEX).openKeyCursor(null, "prev"))]);
  return `${count} ${latest ? `${+(/** @type {Date} */ (latest.key))} ${latest.primaryKey}` : ""}`;
}

/**
 * Make a folder, and those that it is in, where they are missing.
 *
 * @param {IDBObjectStore} table
 * @param {string} root that has no entry itself
 * @param {string} path
 * @param {number} version
 * @returns {Promise<string[]>} the folders that were made
 */
export async function putFolders(table, root, path, version) {
  if (path.length <= root.length || (await done(table.getKey(path))) !== undefined) return [];
  const above = await putFolders(table, root, parentOf(path), version);
  table.put({ timestamp: new Date(version), mode: 0o040777 }, path);
  return [...above, path];
}
