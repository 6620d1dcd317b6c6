// What runs in the page itself. An element that the test would hold keeps its whole page in memory.

/** The selector of the link that leads to a page. */
export function linkTo(path: string): string {
  return path === '/' ? '.top-bar a[href="/"]' : `main a[href="${path}"]`;
}

/** Follows a link whose page comes into this document. */
export async function follow(selector: string): Promise<void> {
  const link = document.querySelector<HTMLAnchorElement>(selector);
  const title = document.querySelector('title');
  if (!link || !title) throw new Error(`no link ${selector}`);
  await new Promise<void>((resolve) => {
    const observer = new MutationObserver(() => {
      observer.disconnect();
      resolve();
    });
    observer.observe(title, { childList: true });
    link.click();
  });
}

declare global {
  /** The time at which the Devices page, brought into this document, was painted. */
  var devicesPainted: Promise<number>;
}

/** Begins to wait for the Devices page. */
export function watchForDevices(): void {
  globalThis.devicesPainted = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (!document.getElementById('devices-heading')) return;
      observer.disconnect();
      // The task after the frame runs when the frame is painted.
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
    });
    observer.observe(document.body, { childList: true, subtree: true });
  });
}

/** The milliseconds from the press of the link until the Devices page was painted. */
export async function untilPainted(): Promise<number> {
  return (await globalThis.devicesPainted) - globalThis.seen.pressedAt;
}

/** The milliseconds of a request for a page that is not shown. */
export async function requestAlone(path: string): Promise<number> {
  const start = performance.now();
  await (await fetch(path)).text();
  return performance.now() - start;
}

/** The milliseconds by which tasks were longer than 50 ms, up to the first idle moment from now on. */
export async function timeBlocked(): Promise<number> {
  await new Promise((resolve) => requestIdleCallback(resolve));
  return globalThis.seen.blocked;
}
