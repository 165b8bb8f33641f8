import { expect, it } from 'vitest';
import { shortenUserAgent } from '../../../../src/server/auth/user-agent.ts';

const KHTML = 'AppleWebKit/537.36 (KHTML, like Gecko)';

it.each([
  [`Mozilla/5.0 (Linux; Android 10; K) ${KHTML} Chrome/156.0.0.0 Mobile Safari/537.36`, 'Chrome on Android'],
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${KHTML} Chrome/156.0.0.0 Safari/537.36 Edg/156.0`, 'Edge on Windows'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
  [`Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${KHTML} Version/18.5 Safari/604.1`, 'Safari on iOS'],
  [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${KHTML} Version/18.5 Safari/605.1.15`, 'Safari on macOS'],
  ['curl/8.5.0', 'curl'],
  ['<script>', 'Unknown browser'],
  [undefined, 'Unknown browser'],
])('shortens the user agent %s to %s', (header, name) => {
  expect(shortenUserAgent(header)).toBe(name);
});
