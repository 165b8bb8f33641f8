import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectNoAxeViolations } from '../../page-objects/axe.ts';
import { BackgroundFetchScene } from '../../page-objects/background-fetch-scene.ts';

describe('accessibility while a Background Fetch is prepared', () => {
  let scene: BackgroundFetchScene;

  beforeAll(async () => {
    scene = await BackgroundFetchScene.open();
  });

  afterEach(() => scene.reset());
  afterAll(() => scene?.close());

  it.each(['en', 'de', 'ar'] as const)(
    'finds no axe violation while preparation can be stopped (%s)',
    async (language) => {
      const { tab } = await scene.queueSlowUploads(`leaver ${language}`, ['first.bin', 'second.bin']);
      await tab.getByRole('button', { name: 'Settings' }).click();
      await tab.locator('select[name=language]').selectOption(language);
      // The app remembers a language when it is shown.
      await tab.locator(`html[lang=${language}]`).waitFor();
      await tab.keyboard.press('Escape');
      // The next test begins in English.
      await tab.evaluate(() => localStorage.removeItem('uploader-language'));
      const forecast = tab.locator('queue-summary .forecast');
      // Sessions that do not open in time are left out. Here they have all the time there is.
      await tab.evaluate(() => {
        AbortSignal.timeout = () => new AbortController().signal;
      });
      const [offer, stop] = [forecast.locator('button').first(), forecast.locator('button').nth(1)];
      await offer.click();
      await stop.waitFor();
      await expectNoAxeViolations(tab);
      await tab.setViewportSize({ width: 320, height: 640 });
      expect(await tab.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
      await stop.click();
      await stop.waitFor({ state: 'detached' });
      await offer.click({ trial: true });
    },
  );
});
