/** A component as the markup that it draws, without a browser: for what is said where, and what ties it together. */
import type { Component } from 'svelte';
import { createRawSnippet } from 'svelte';
import { render } from 'svelte/server';

export interface Drawn {
  html: string;
  /** What one reads, blanks folded. */
  text: string;
  /** The start tags of an element, such as `<button class="btn">`. */
  tags: (name: string) => string[];
  /** An attribute of the first such element, or null where it has none. */
  attribute: (name: string, attribute: string) => string | null;
}

const entities: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' };
const plain = (text: string) => text.replace(/&(lt|gt|quot|#39|amp);/g, (found) => entities[found] ?? found).replace(/[\s\u202f\u00a0]+/g, ' ').trim();

export function draw<P extends Record<string, unknown>>(component: Component<P>, props: P): Drawn {
  const html = render(component as Component<Record<string, unknown>>, { props }).body.replace(/<!--[\s\S]*?-->/g, '');
  const tags = (name: string) => html.match(new RegExp(`<${name}(\\s[^>]*)?>`, 'g')) ?? [];
  return {
    html, tags,
    text: plain(html.replace(/<style[\s\S]*?<\/style>/g, '').replace(/<[^>]+>/g, ' ')),
    attribute: (name, attribute) => {
      const found = new RegExp(`\\s${attribute}(?:="([^"]*)")?(?=[\\s>/])`).exec(tags(name)[0] ?? '');
      return found ? plain(found[1] ?? '') : null;
    },
  };
}

/** A snippet of fixed markup, for components that draw what they are given. */
export const snippet = (html: string) => createRawSnippet<unknown[]>(() => ({ render: () => html })) as never;
