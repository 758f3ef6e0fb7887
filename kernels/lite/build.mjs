// src/ in; the labextension that JupyterLab and JupyterLite load (labextension/) out.
//
// JupyterLab's own builder does the same with five times the packages. What the page has already (JupyterLab, JupyterLite, Lumino,
// CodeMirror) is never bundled: it is taken from the page's share scope, of whatever version it is there.

import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { rspack } from "@rspack/core";

const folder = fileURLToPath(new URL(".", import.meta.url));
const output = `${folder}labextension`;
const own = JSON.parse(await readFile(`${folder}package.json`, "utf8"));

/** Packages of the page, by what they begin with. `legacy-modes` are no singletons and not shared. */
const ofThePage = Object.keys(own.devDependencies).filter(
  (name) => /^@(jupyterlab|jupyterlite|lumino|codemirror|lezer)\//.test(name) && name !== "@codemirror/legacy-modes",
);

const compiler = rspack({
  context: folder,
  mode: "production",
  devtool: false,
  entry: {},
  output: {
    path: `${output}/static`,
    filename: "[name].[contenthash].js",
    chunkFilename: "[id].[contenthash].js",
    assetModuleFilename: "[name].[contenthash][ext]",
    uniqueName: own.name,
    publicPath: "auto",
    clean: true,
  },
  resolve: { extensions: [".ts", ".js"] },
  module: {
    rules: [
      { test: /\.ts$/, loader: "builtin:swc-loader", options: { jsc: { parser: { syntax: "typescript" }, target: "es2022" } } },
      { test: /\.(css|py)$/, type: "asset/source" },
      { test: /\.(svg|png)$/, type: "asset/resource" },
    ],
  },
  plugins: [
    new rspack.container.ModuleFederationPluginV1({
      name: own.name,
      library: { type: "var", name: ["_JUPYTERLAB", own.name] },
      filename: "remoteEntry.[contenthash].js",
      exposes: { "./extension": "./src/index.ts" },
      shared: Object.fromEntries(ofThePage.map((name) => [name, { import: false, singleton: true, requiredVersion: false }])),
    }),
  ],
});

const stats = await new Promise((resolve, reject) => compiler.run((error, found) => (error ? reject(error) : resolve(found))));
if (stats.hasErrors()) {
  console.error(stats.toString({ all: false, errors: true }));
  process.exit(1);
}

const entry = (await readdir(`${output}/static`)).find((name) => name.startsWith("remoteEntry."));
const { devDependencies: _, scripts: __, engines: ___, ...published } = own;
published.jupyterlab._build = { load: `static/${entry}`, extension: "./extension" };
await rm(`${output}/schemas`, { recursive: true, force: true });
await mkdir(`${output}/schemas`, { recursive: true });
await cp(`${folder}schema`, `${output}/schemas/${own.name}`, { recursive: true });
// The settings system asks which package a schema is of.
await writeFile(`${output}/schemas/${own.name}/package.json.orig`, `${JSON.stringify(own, null, 2)}\n`);
// Last: who finds it finds a whole labextension.
await writeFile(`${output}/package.json`, `${JSON.stringify(published, null, 2)}\n`);
