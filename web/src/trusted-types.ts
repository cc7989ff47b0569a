// The page's policy forbids HTML and scripts from strings (`require-trusted-types-for 'script'`). OpenLayers writes
// exactly one: the letter it measures fonts with; and the service worker has an address. This module allows these two
// and nothing else, and must be imported before OpenLayers is.

import { WORKER } from "./root";

interface PolicyFactory {
  createPolicy(
    name: string,
    rules: { createHTML(html: string): string | null; createScriptURL(url: string): string | null },
  ): unknown;
}

const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
factory?.createPolicy("default", {
  createHTML: (html) => (html === "M" ? html : null),
  createScriptURL: (url) => (url === WORKER ? url : null),
});
