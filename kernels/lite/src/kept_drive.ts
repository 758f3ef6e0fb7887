// The files that stay in the browser (kept_tree.mjs) in; a drive of JupyterLab's Contents, out.
//
// What a document was made from is a version of its file. The page saves with the version that it has seen; if a kernel or another tab
// has written another one since, that one is kept beside under a name of its own, and `kept` tells so.

import { PageConfig } from "@jupyterlab/coreutils";
import { type Contents, ServerConnection } from "@jupyterlab/services";
import { type ISignal, Signal } from "@lumino/signaling";
import { StoreProblem, isFull } from "../../../jupyterlite_rpy/js/kept_database.mjs";
import { nameOf, split } from "../../../jupyterlite_rpy/js/kept_entries.mjs";
import { KeptStore, storeName } from "../../../jupyterlite_rpy/js/kept_store.mjs";
import { bytesOf, decoded, encoded, mimetypeOf, typeOf } from "./contents";
import { DRIVE, FOLDER } from "./default_drive";
import { KeptCheckpoints } from "./kept_checkpoints";
import { clean, folderOf, full, short } from "./kept_paths";
import { type Details, FileProblem, KeptTree } from "./kept_tree.mjs";
import { SiteFiles } from "./site_files";

const EMPTY_NOTEBOOK = { cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 };
const EPOCH = new Date(0).toISOString();

export class KeptDrive implements Contents.IDrive {
  /** Something of which the user should know. */
  readonly told: ISignal<this, string> = new Signal<this, string>(this);
  readonly fileChanged: ISignal<this, Contents.IChangedArgs> = new Signal<this, Contents.IChangedArgs>(this);
  isDisposed = false;
  private asked = false;
  private problem = "";
  private readonly tree: KeptTree;
  private readonly checkpoints: KeptCheckpoints;
  private readonly store: KeptStore;
  /** Versions that documents of this page were made from. */
  private readonly seen = new Map<string, number>();
  /** Versions of files that were saved a moment ago: a document asks for its own once more. */
  private readonly saved = new Map<string, number>();
  private readonly uploads = new Map<string, Uint8Array<ArrayBuffer>[]>();
  private readonly urls = new Map<string, { version: number; url: string }>();

  /**
   * @param name in front of the paths
   * @param serverSettings the page's
   * @param site files that come with the site and are seen where there is none of that name; null: none
   */
  constructor(
    readonly name: string,
    readonly serverSettings: ServerConnection.ISettings,
    private readonly site: SiteFiles | null,
  ) {
    this.store = new KeptStore(storeName(FOLDER, new URL(PageConfig.getBaseUrl(), location.href).href), FOLDER);
    this.store.onchange = (paths) => this.tellOthersChange(paths);
    this.tree = new KeptTree(this.store);
    this.checkpoints = new KeptCheckpoints(this.tree);
  }

  dispose(): void {
    this.isDisposed = true;
    this.store.close();
    Signal.clearData(this);
  }

  async get(path: string, options: Contents.IFetchOptions = {}): Promise<Contents.IModel> {
    return this.answering(async () => {
      const local = clean(path);
      if (local === "") return this.root(options);
      const details = await this.tree.details(full(local));
      if (details?.folder) return this.folder(local, details, options);
      if (!details) {
        const found = await this.site?.get(local, options);
        if (!found) throw new FileProblem(404, `There is no file ${local}`);
        return found;
      }
      if (!options.content) {
        const version = (options.hash && this.saved.get(local)) || details.version;
        this.saved.delete(local);
        if (options.hash) this.seen.set(local, version);
        return this.model(local, { ...details, version });
      }
      const { contents, version } = await this.tree.read(full(local));
      if (options.type || options.format || options.hash) this.seen.set(local, version);
      return { ...this.model(local, { folder: false, size: contents.length, version }), ...decoded(local, contents, options) };
    });
  }

  /** A browser that stores nothing has an empty drive: said once, not each time that the file browser looks. */
  private async root(options: Contents.IFetchOptions): Promise<Contents.IModel> {
    const details = { version: 0, folder: true, size: 0 };
    try {
      return await this.folder("", details, options);
    } catch (error) {
      if (!(error instanceof StoreProblem)) throw error;
      if (this.problem !== error.message) this.tell(`Nothing is kept in this browser: ${error.message}`);
      this.problem = error.message;
      const model = this.model("", details);
      return options.content ? { ...model, content: (await this.site?.list("")) ?? [], format: "json" } : model;
    }
  }

  private async folder(path: string, details: Details, { content }: Contents.IFetchOptions): Promise<Contents.IModel> {
    const model = this.model(path, details);
    if (!content) return model;
    const own = await this.tree.list(full(path));
    const models = [...own].map(([name, inside]) => this.model(path ? `${path}/${name}` : name, inside));
    for (const other of (await this.site?.list(path)) ?? []) if (!own.has(other.name)) models.push(other);
    return { ...model, content: models, format: "json" };
  }

  async save(path: string, options: Partial<Contents.IModel> = {}): Promise<Contents.IModel> {
    return this.answering(async () => {
      const local = clean(path);
      if (options.type === "directory") return this.saveFolder(local);
      this.askToKeep();
      const { chunk } = options;
      let contents = encoded(options);
      if (chunk !== undefined) {
        const parts = chunk === 1 ? [] : (this.uploads.get(local) ?? []);
        parts.push(contents);
        if (chunk !== -1) {
          this.uploads.set(local, parts);
          return this.model(local, { version: Date.now(), folder: false, size: 0 });
        }
        this.uploads.delete(local);
        contents = new Uint8Array(await new Blob(parts).arrayBuffer());
      }
      const { version, copies } = await this.tree.write(full(local), contents, this.seen.get(local) ?? this.tree.known(full(local)));
      this.seen.set(local, version);
      this.saved.set(local, version);
      for (const copy of copies) {
        const name = short(copy);
        this.tell(`${local} was changed by a kernel or another tab as well: the other version is now ${name}`);
        this.emit("new", null, { path: name, name: nameOf(name) });
      }
      const model = this.model(local, { version, folder: false, size: contents.length });
      this.emit("save", null, model);
      return model;
    });
  }

  /** Ask the browser, once, not to remove what is stored when it needs room. Firefox asks the user; others decide themselves. */
  private askToKeep(): void {
    if (this.asked) return;
    this.asked = true;
    navigator.storage?.persist?.().catch(() => undefined);
  }

  private async saveFolder(path: string): Promise<Contents.IModel> {
    const there = await this.tree.details(full(path));
    if (there && !there.folder) throw new FileProblem(409, `There is a file named ${path}`);
    if (!there) await this.tree.create(full(folderOf(path)), nameOf(path), "", null);
    const model = await this.get(path);
    this.emit("save", null, model);
    return model;
  }

  async newUntitled({ path = "", type = "notebook", ext = "" }: Contents.ICreateOptions = {}): Promise<Contents.IModel> {
    return this.answering(async () => {
      const [stem, extension, contents] =
        type === "directory"
          ? (["Untitled Folder", "", null] as const)
          : type === "notebook"
            ? (["Untitled", ".ipynb", bytesOf(JSON.stringify(EMPTY_NOTEBOOK))] as const)
            : (["untitled", ext && !ext.startsWith(".") ? `.${ext}` : ext, new Uint8Array(0)] as const);
      const made = short(await this.tree.create(full(clean(path)), stem, extension, contents));
      const model = await this.get(made);
      this.emit("new", null, model);
      return model;
    });
  }

  async rename(from: string, to: string): Promise<Contents.IModel> {
    return this.answering(async () => {
      const [before, after] = [clean(from), clean(to)];
      if (!(await this.tree.details(full(before))) && (await this.site?.get(before))) {
        throw new FileProblem(400, `${before} comes with the site and keeps its name. Hint: copy it`);
      }
      await this.tree.move(full(before), full(after));
      await this.checkpoints.move(before, after);
      this.forget(before);
      const model = await this.get(after, { hash: true });
      this.emit("rename", { path: before, name: nameOf(before) }, model);
      return model;
    });
  }

  async delete(path: string): Promise<void> {
    return this.answering(async () => {
      const local = clean(path);
      await this.tree.remove(full(local));
      await this.checkpoints.remove(local);
      this.forget(local);
      this.emit("delete", { path: local, name: nameOf(local) }, null);
    });
  }

  async copy(path: string, folder: string): Promise<Contents.IModel> {
    return this.answering(async () => {
      const local = clean(path);
      const own = await this.tree.details(full(local));
      const at = full(clean(folder));
      const made = own
        ? await this.tree.copy(full(local), at)
        : await this.tree.create(at, ...split(nameOf(local)), encoded(await this.get(local, { content: true })));
      const model = await this.get(short(made));
      this.emit("new", null, model);
      return model;
    });
  }

  /** An address of the contents, until they change. */
  async getDownloadUrl(path: string): Promise<string> {
    return this.answering(async () => {
      const local = clean(path);
      if (this.site && !(await this.tree.details(full(local)))) return this.site.address(local);
      const { contents, version } = await this.tree.read(full(local));
      const held = this.urls.get(local);
      if (held?.version === version) return held.url;
      if (held) URL.revokeObjectURL(held.url);
      const url = URL.createObjectURL(new Blob([contents], { type: mimetypeOf(local) }));
      this.urls.set(local, { version, url });
      return url;
    });
  }

  async createCheckpoint(path: string): Promise<Contents.ICheckpointModel> {
    return this.answering(() => this.checkpoints.create(clean(path)));
  }

  async listCheckpoints(path: string): Promise<Contents.ICheckpointModel[]> {
    return this.answering(() => this.checkpoints.list(clean(path)));
  }

  async restoreCheckpoint(path: string): Promise<void> {
    return this.answering(async () => {
      const local = clean(path);
      this.seen.set(local, await this.checkpoints.restore(local));
    });
  }

  async deleteCheckpoint(path: string): Promise<void> {
    return this.answering(() => this.checkpoints.remove(clean(path)));
  }

  /** Remove everything. JupyterLite's "Clear Browser Data" asks the default drive for it. */
  async clearStorage(): Promise<void> {
    return this.answering(async () => {
      await this.store.clear();
      this.forget("");
      this.tellOthersChange([]);
    });
  }

  private model(path: string, { version, folder, size }: Details): Contents.IModel {
    const last_modified = version > 0 ? new Date(version).toISOString() : EPOCH;
    const type = folder ? "directory" : typeOf(path);
    const rest = folder ? { mimetype: "", size: undefined } : { mimetype: mimetypeOf(path), size, hash: String(version), hash_algorithm: "version" };
    return { name: nameOf(path), path, type, writable: true, created: last_modified, last_modified, content: null, format: null, ...rest };
  }

  private forget(path: string): void {
    for (const map of [this.seen, this.saved, this.uploads] as Map<string, unknown>[]) {
      for (const key of map.keys()) if (!path || `${key}/`.startsWith(`${path}/`)) map.delete(key);
    }
  }

  private emit(type: Contents.IChangedArgs["type"], oldValue: Partial<Contents.IModel> | null, newValue: Partial<Contents.IModel> | null): void {
    (this.fileChanged as Signal<this, Contents.IChangedArgs>).emit({ type, oldValue, newValue });
  }

  private tell(message: string): void {
    (this.told as Signal<this, string>).emit(message);
  }

  /** The file browser looks again at folders in which kernels or other tabs have written. */
  private tellOthersChange(paths: string[]): void {
    const one = new Map(paths.map((path) => [folderOf(short(path)), short(path)]));
    if (paths.length === 0) one.set("", ".");
    for (const path of one.values()) this.emit("save", null, { path, name: nameOf(path) });
  }

  /** What goes wrong comes as the errors that JupyterLab expects of a server. */
  private async answering<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (error instanceof ServerConnection.ResponseError) throw error;
      const status = error instanceof FileProblem ? error.status : isFull(error) ? 507 : 500;
      const message = isFull(error)
        ? "not kept: the browser's storage is full. Hint: remove files, or other sites' data"
        : error instanceof FileProblem
          ? error.message
          : `not kept: ${error instanceof Error ? error.message : String(error)}`;
      throw new ServerConnection.ResponseError(new Response(null, { status, statusText: "" }), message);
    }
  }
}

let drive: KeptDrive | undefined;

/** The one of this page. @param isDefault whether it also shows the site's own files, as the default drive does */
export function theDrive(isDefault: boolean): KeptDrive {
  drive ??= new KeptDrive(DRIVE, ServerConnection.makeSettings(), isDefault ? new SiteFiles() : null);
  return drive;
}
