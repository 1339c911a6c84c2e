/** Where the keyboard goes on when what had the focus is gone, or takes no key any more. */

/** By the part in which it was what takes its place: the first that is there. */
const NEXT: readonly (readonly [part: string, ...next: string[]])[] = [
  [".chat", ".log"],
  [".article", ".article button:not(:disabled)", ".articles input"],
  [".articles", ".articles input"],
  [".half", ".cut"],
];

/** Do what changes a part of the page, and leave its user somewhere near. */
export function keepingFocus(place: Element, change: () => void): void {
  const before = document.activeElement;
  const isHere = before !== null && place.contains(before);
  const [, ...next] = (isHere && NEXT.find(([part]) => before.closest(part) !== null)) || [""];
  change();
  if (!isHere) return;
  if (place.contains(before)) {
    // Chromium leaves it on a button that cannot be pressed.
    if (before.matches("form button:disabled")) focus(before.closest("form")?.querySelector("input"));
  } else if (!place.contains(document.activeElement))
    focus(next.map((one) => place.querySelector(one)).find((one) => one !== null));
}

function focus(element: Element | null | undefined): void {
  if (element instanceof HTMLElement) element.focus({ preventScroll: true });
}
