/** What the page looks like, as data: a view makes nodes, and only `patch.ts` touches the document. */

import type { Msg } from "./model.js";

/** What a happening means: a message, or one that is made of the value of the field. */
export type Told = Msg | ((value: string) => Msg);

export interface Node {
  readonly tag: string;
  /** Tells apart children of one parent that may move. */
  readonly key: string | null;
  /** A text, or true for an attribute without one; what is false is not there. */
  readonly attributes: Readonly<Record<string, string | boolean>>;
  readonly on: Readonly<Record<string, Told>>;
  readonly children: readonly Child[];
}

export type Child = Node | string;

/** Beside attributes `key`, and `on` with what happenings mean. */
interface Members {
  readonly key?: string;
  readonly on?: Readonly<Record<string, Told>>;
  readonly [attribute: string]: unknown;
}

/** A node; children that are null are left out. */
export function h(tag: string, members: Members = {}, ...children: (Child | null)[]): Node {
  const { key = null, on = {}, ...rest } = members;
  const attributes = Object.fromEntries(
    Object.entries(rest).filter((entry): entry is [string, string | boolean] => entry[1] !== undefined),
  );
  return { tag, key, attributes, on, children: children.filter((child) => child !== null) };
}

/** All that a node shows, for tests and names: its texts with a blank between them. */
export function textOf(node: Child): string {
  return typeof node === "string" ? node : node.children.map(textOf).filter(Boolean).join(" ");
}

/** Every node below one, itself included, that is as asked. */
export function found(node: Child, isAsked: (node: Node) => boolean): Node[] {
  if (typeof node === "string") return [];
  const below = node.children.flatMap((child) => found(child, isAsked));
  return isAsked(node) ? [node, ...below] : below;
}
