const MAX_WAIT_MS = 100;

/** Resolves after the next frame, or soon in a hidden page, which has no frames. */
export function nextPaint(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, MAX_WAIT_MS);
  });
}
