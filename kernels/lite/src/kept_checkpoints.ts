// A file of the drive of files that stay in; its checkpoint, one for each file, out: where a Jupyter server puts it.

import type { Contents } from "@jupyterlab/services";
import { nameOf, split } from "../../../jupyterlite_rpy/js/kept_entries.mjs";
import { folderOf, full } from "./kept_paths";
import { FileProblem, type KeptTree } from "./kept_tree.mjs";

const CHECKPOINT = "checkpoint";

export class KeptCheckpoints {
  constructor(private readonly tree: KeptTree) {}

  async create(local: string): Promise<Contents.ICheckpointModel> {
    const { contents } = await this.tree.read(full(local));
    const at = checkpointOf(local);
    await this.tree.details(at);
    const { version } = await this.tree.write(at, contents, this.tree.known(at));
    return modelOf(version);
  }

  async list(local: string): Promise<Contents.ICheckpointModel[]> {
    const found = await this.tree.details(checkpointOf(local));
    return found ? [modelOf(found.version)] : [];
  }

  /** Make the file what it was. @returns its version then */
  async restore(local: string): Promise<number> {
    const { contents } = await this.tree.read(checkpointOf(local));
    const { version } = await this.tree.write(full(local), contents, (await this.tree.details(full(local)))?.version);
    return version;
  }

  async move(from: string, to: string): Promise<void> {
    await this.tree.move(checkpointOf(from), checkpointOf(to)).catch(unlessMissing);
  }

  async remove(local: string): Promise<void> {
    await this.tree.remove(checkpointOf(local));
  }
}

const modelOf = (version: number): Contents.ICheckpointModel => ({ id: CHECKPOINT, last_modified: new Date(version).toISOString() });

/** Its path in the store. */
function checkpointOf(local: string): string {
  const [stem, extension] = split(nameOf(local));
  const folder = folderOf(local);
  return full(`${folder ? `${folder}/` : ""}.ipynb_checkpoints/${stem}-checkpoint${extension}`);
}

function unlessMissing(error: unknown): void {
  if (!(error instanceof FileProblem && error.status === 404)) throw error;
}
