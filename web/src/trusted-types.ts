// The page's policy forbids HTML from strings (`require-trusted-types-for 'script'`). OpenLayers writes
// exactly one: the letter it measures fonts with. This module allows that one and nothing else, and must
// be imported before OpenLayers is.

interface PolicyFactory {
  createPolicy(name: string, rules: { createHTML(html: string): string | null }): unknown;
}

const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
factory?.createPolicy("default", { createHTML: (html) => (html === "M" ? html : null) });
