/** Focuses the first element that one of the selectors finds, in their order. */
export function focusFirst(root: ParentNode, selectors: readonly string[]): void {
  const found = selectors.map((selector) => root.querySelector<HTMLElement>(selector)).find((element) => element);
  found?.focus();
}
