// Bytes of a file in; its contents as JupyterLab wants to have them out. And back.

import { PageConfig } from "@jupyterlab/coreutils";
import type { Contents } from "@jupyterlab/services";
import { FileProblem } from "./kept_tree.mjs";

export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

export function toBase64(bytes: Uint8Array): string {
  const parts = [];
  for (let i = 0; i < bytes.length; i += 0x8000) parts.push(String.fromCharCode(...bytes.subarray(i, i + 0x8000)));
  return btoa(parts.join(""));
}

export function mimetypeOf(path: string): string {
  const types = JSON.parse(PageConfig.getOption("fileTypes") || "{}") as Record<string, { extensions?: string[]; mimeTypes?: string[] }>;
  const fits = Object.values(types).find(({ extensions }) => extensions?.some((extension) => path.toLowerCase().endsWith(extension)));
  return fits?.mimeTypes?.[0] ?? "application/octet-stream";
}

export const typeOf = (path: string): string => (path.endsWith(".ipynb") ? "notebook" : "file");

/** Bytes of what JupyterLab wants to have saved. */
export function encoded({ content, format, type }: Partial<Contents.IModel>): Uint8Array<ArrayBuffer> {
  if (content === undefined || content === null) return new Uint8Array(0);
  if (format === "base64") return fromBase64(content);
  if (typeof content === "string") return bytesOf(content);
  // As Jupyter writes notebooks, for those who compare versions of them.
  return bytesOf(type === "notebook" ? `${JSON.stringify(content, null, 1)}\n` : JSON.stringify(content));
}

/** Content as JupyterLab wants to have it. Where it does not say how (a kernel's /drive asks so), no byte may change. */
export function decoded(path: string, contents: Uint8Array, { type, format }: Contents.IFetchOptions): Pick<Contents.IModel, "content" | "format" | "type"> {
  if ((type ?? typeOf(path)) === "notebook" && format !== "text" && format !== "base64") {
    try {
      return { type: "notebook", format: "json", content: JSON.parse(new TextDecoder().decode(contents)) };
    } catch {
      throw new FileProblem(400, `${path} is no notebook: it is not JSON. Hint: open it with the text editor`);
    }
  }
  const base64 = { type: "file", format: "base64" as const, content: toBase64(contents) };
  if (format === "base64" || (!format && !type)) return base64;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(contents);
    return format === "json" ? { type: "file", format, content: JSON.parse(text) } : { type: "file", format: "text", content: text };
  } catch {
    if (format) throw new FileProblem(400, `${path} is not UTF-8 encoded${format === "json" ? " JSON" : " text"}`);
    return base64;
  }
}
