/** What the bundler adds to TypeScript: files as texts or addresses, and the page's share scope. */

declare module "*.css" {
  const text: string;
  export default text;
}

declare module "*.py" {
  const text: string;
  export default text;
}

declare module "*.svg" {
  const url: string;
  export default url;
}

declare module "*.png" {
  const url: string;
  export default url;
}

declare const __webpack_share_scopes__: { default: Record<string, unknown> };
