// Collects everything that a browser complains about. A test fails on each complaint that it did not announce.

import { expect, type BrowserContext } from '@playwright/test';

export class Watch {
  private readonly complaints: string[] = [];
  private readonly expected: RegExp[] = [];

  /** Announces complaints that this test provokes. */
  expect(...patterns: RegExp[]): void {
    this.expected.push(...patterns);
  }

  /** Announces the line that Chromium writes about each answer with such a status. */
  expectStatus(...statuses: number[]): void {
    this.expect(...statuses.map((status) => new RegExp(`the server responded with a status of ${status} `)));
  }

  async over(context: BrowserContext): Promise<void> {
    context.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) {
        const { url } = message.location();
        this.complaints.push(`${message.type()} at ${message.page()?.url()} about ${url}: ${message.text()}`);
      }
    });
    context.on('weberror', (error) => this.complaints.push(`page error: ${error.error().message}`));
    await context.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) =>
        console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`),
      );
    });
  }

  verify(): void {
    const unexpected = this.complaints.filter((text) => !this.expected.some((pattern) => pattern.test(text)));
    expect(unexpected, 'nothing on the console, no page error, no policy violation').toEqual([]);
  }
}
