/** Makes the document look as the nodes say. Elements stay where they are the same, so focus and caret do, too. */

import type { Msg } from "./model.js";
import type { Child, Node } from "./node.js";

type Emit = (msg: Msg) => void;

/** What an element was made of, and what its happenings mean by now. */
interface Made {
  node: Node;
}

const MADE = new WeakMap<Element, Made>();
/** They are properties of the element: the attributes are only what it began with. */
const LIVE = new Set(["value", "disabled"]);

/** Make the children of an element those that are given. Texts stay texts: nothing that a user wrote is read as HTML. */
export function patch(parent: Element, children: readonly Child[], emit: Emit): void {
  const keyed = new Map<string, Element>();
  for (const element of parent.children) {
    const key = made(element)?.node.key;
    if (key != null) keyed.set(key, element);
  }
  let at: ChildNode | null = parent.firstChild;
  for (const child of children) {
    const kept = fit(at, child, keyed);
    if (kept === null) {
      parent.insertBefore(create(child, emit), at);
      continue;
    }
    // What is moved loses its focus: whatever stands before it and is not wanted goes instead.
    while (at !== null && at !== kept && !isWanted(at, children)) at = removed(at);
    if (kept === at) at = at.nextSibling;
    else parent.insertBefore(kept, at);
    if (typeof child === "string") setText(kept, child);
    else change(kept as Element, child, emit);
  }
  while (at !== null) at = removed(at);
}

function made(node: unknown): Made | undefined {
  return node instanceof Element ? MADE.get(node) : undefined;
}

/** What is there for a child: the element of its key, or what stands in its place and is of its sort. */
function fit(at: ChildNode | null, child: Child, keyed: Map<string, Element>): ChildNode | null {
  if (typeof child === "string") return at instanceof Text ? at : null;
  if (child.key !== null) return keyed.get(child.key) ?? null;
  const node = made(at)?.node;
  return node !== undefined && node.key === null && node.tag === child.tag ? at : null;
}

function isWanted(at: ChildNode, children: readonly Child[]): boolean {
  const key = made(at)?.node.key;
  return key != null && children.some((child) => typeof child !== "string" && child.key === key);
}

function removed(at: ChildNode): ChildNode | null {
  const next = at.nextSibling;
  at.remove();
  return next;
}

function setText(node: ChildNode, text: string): void {
  if (node.nodeValue !== text) node.nodeValue = text;
}

function create(child: Child, emit: Emit): ChildNode {
  if (typeof child === "string") return document.createTextNode(child);
  const element = document.createElement(child.tag);
  MADE.set(element, { node: { ...child, attributes: {}, on: {}, children: [] } });
  change(element, child, emit);
  if (child.attributes.autofocus === true) queueMicrotask(() => element.focus());
  return element;
}

function change(element: Element, node: Node, emit: Emit): void {
  const before = made(element);
  if (before === undefined) return;
  const was = before.node;
  before.node = node;
  for (const name of Object.keys(was.attributes))
    if (!(name in node.attributes)) setAttribute(element, name, false);
  for (const [name, value] of Object.entries(node.attributes)) setAttribute(element, name, value);
  for (const name of Object.keys(node.on)) if (!(name in was.on)) listen(element, name, before, emit);
  patch(element, node.children, emit);
}

function setAttribute(element: Element, name: string, value: string | boolean): void {
  if (LIVE.has(name)) {
    const live = element as unknown as Record<string, string | boolean>;
    const wanted = name === "value" ? value || "" : value;
    if (live[name] !== wanted) live[name] = wanted;
  } else if (value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value === true ? "" : value))
    element.setAttribute(name, value === true ? "" : value);
}

function listen(element: Element, name: string, own: Made, emit: Emit): void {
  element.addEventListener(name, (event) => {
    if (name === "submit") event.preventDefault();
    const told = own.node.on[name];
    if (told === undefined) return;
    const value = "value" in element ? String(element.value) : "";
    emit(typeof told === "function" ? told(value) : told);
  });
}
