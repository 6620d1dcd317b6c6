// A new browser with an empty cache, and what Chromium's own protocol knows of it.

import { expect, type Browser, type BrowserContextOptions, type CDPSession, type Page } from '@playwright/test';

/** A network as Chromium slows it down: milliseconds, and bytes a second. */
export type Line = { latency: number; downloadThroughput: number; uploadThroughput: number };

export const slow: Line = { latency: 100, downloadThroughput: 1.6e6 / 8, uploadThroughput: 1.6e6 / 8 };

/** "Fast 4G" of Chromium's developer tools: `front_end/core/sdk/NetworkManager.ts`. */
export const fast4g: Line = {
  latency: 60 * 2.75,
  downloadThroughput: (9e6 / 8) * 0.9,
  uploadThroughput: (1.5e6 / 8) * 0.9,
};

/** A request, with the bytes of its answer on the wire (headers and body) once that has ended. */
export type Transfer = { path: string; type: string; /** Whether a stranger's page needs it only later. */ isInAdvance: boolean; bytes?: number };

export type Cookies = Exclude<BrowserContextOptions['storageState'], string | undefined>;

export class Visit {
  private readonly byId = new Map<string, Transfer>();

  private constructor(
    readonly page: Page,
    private readonly cdp: CDPSession,
  ) {}

  static async begin(browser: Browser, options: { storageState?: Cookies; locale?: string } = {}): Promise<Visit> {
    const context = await browser.newContext(options);
    await context.addInitScript(observe);
    const page = await context.newPage();
    const visit = new Visit(page, await context.newCDPSession(page));
    await visit.listen();
    return visit;
  }

  async end(): Promise<void> {
    await this.page.context().close();
  }

  /** Slows down the network, and the processor to a fraction. */
  async throttle(line: Line, fraction = 1): Promise<void> {
    await this.cdp.send('Network.emulateNetworkConditions', { offline: false, ...line });
    await this.cdp.send('Emulation.setCPUThrottlingRate', { rate: fraction });
  }

  /** All requests so far. */
  get transfers(): Transfer[] {
    return [...this.byId.values()];
  }

  /** Acts, and waits until so many further requests for a path have ended. */
  async answered<T>(path: string, act: () => Promise<T>, count = 1): Promise<T> {
    const ended = () => this.transfers.filter((one) => one.path === path && one.bytes !== undefined).length;
    const before = ended();
    const done = await act();
    await expect.poll(ended, { message: path, intervals: [20] }).toBeGreaterThanOrEqual(before + count);
    return done;
  }

  /** Waits until every request has ended, except the stream of events, which stays open. */
  async settled(): Promise<void> {
    const open = () => this.transfers.filter(({ type, bytes }) => type !== 'EventSource' && bytes === undefined);
    await expect.poll(open, { intervals: [20] }).toEqual([]);
  }

  /** The bytes in the heap of script that are in use after a collection. */
  async heap(): Promise<number> {
    await this.cdp.send('HeapProfiler.collectGarbage');
    return (await this.cdp.send('Runtime.getHeapUsage')).usedSize;
  }

  private async listen(): Promise<void> {
    const { cdp, byId } = this;
    cdp.on('Network.requestWillBeSent', ({ requestId, request, type = 'Other' }) => {
      const path = new URL(request.url).pathname;
      byId.set(requestId, { path, type, isInAdvance: path.startsWith('/assets/logged-in.') });
    });
    cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      const transfer = byId.get(requestId);
      if (transfer) transfer.bytes = encodedDataLength;
    });
    await cdp.send('Network.enable');
  }
}

declare global {
  /** What `observe` has seen in this document. Times are milliseconds since the document was asked for. */
  var seen: { hydratedAt: number; pressedAt: number; blocked: number };
}

/** The press of a button whose document is gone: milliseconds since 1970. */
export const PRESSED = 'bench-pressed';

/** Runs in each document before its own scripts. */
function observe(): void {
  const seen: typeof globalThis.seen = { hydratedAt: NaN, pressedAt: NaN, blocked: 0 };
  globalThis.seen = seen;
  const hydration = new MutationObserver(() => (seen.hydratedAt = performance.now()));
  hydration.observe(document, { subtree: true, attributeFilter: ['data-hydrated'] });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.blocked += Math.max(0, duration - 50);
  }).observe({ type: 'longtask', buffered: true });
  const press = ({ timeStamp }: Event) => {
    seen.pressedAt = timeStamp;
    sessionStorage.setItem('bench-pressed', String(performance.timeOrigin + timeStamp));
  };
  addEventListener('pointerdown', press, true);
}
