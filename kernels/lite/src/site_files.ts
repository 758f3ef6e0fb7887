// Addresses of the site's own contents in; the same as a drive shows them, read-only, out.

import { PageConfig, URLExt } from "@jupyterlab/coreutils";
import type { Contents } from "@jupyterlab/services";
import { toBase64 } from "./contents";

export class SiteFiles {
  private readonly listings = new Map<string, Promise<Contents.IModel[]>>();

  /** What is in a folder of the site; nothing if there is no such folder. */
  list(path: string): Promise<Contents.IModel[]> {
    let listing = this.listings.get(path);
    if (!listing) {
      listing = this.load(path);
      this.listings.set(path, listing);
    }
    return listing;
  }

  private async load(path: string): Promise<Contents.IModel[]> {
    const response = await fetch(URLExt.join(PageConfig.getBaseUrl(), "api/contents", URLExt.encodeParts(path), "all.json"));
    if (!response.ok) return [];
    const { content } = (await response.json()) as Contents.IModel;
    return Array.isArray(content) ? content : [];
  }

  address(path: string): string {
    return URLExt.join(PageConfig.getBaseUrl(), "files", URLExt.encodeParts(path));
  }

  /** A file or folder of the site; undefined if there is none of this name. */
  async get(path: string, { content, format }: Contents.IFetchOptions = {}): Promise<Contents.IModel | undefined> {
    const slash = path.lastIndexOf("/");
    const found = (await this.list(path.slice(0, Math.max(slash, 0)))).find(({ name }) => name === path.slice(slash + 1));
    if (!found || !content) return found;
    if (found.type === "directory") return { ...found, content: await this.list(path), format: "json" };
    const response = await fetch(this.address(path));
    if (!response.ok) return undefined;
    if (found.type === "notebook" && format !== "text") return { ...found, content: await response.json(), format: "json" };
    if (format === "base64" || (!format && found.format === "base64")) {
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { ...found, content: toBase64(bytes), format: "base64" };
    }
    return { ...found, content: await response.text(), format: "text" };
  }
}
