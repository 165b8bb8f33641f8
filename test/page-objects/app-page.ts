import type { Page } from 'playwright-core';

/** Sizes of common windows, in px. */
export const PHONE = { width: 390, height: 844 };
export const TABLET = { width: 820, height: 1180 };
export const DESKTOP = { width: 1280, height: 800 };

/** Sets the language of the app and reloads the tab. */
export async function setLanguage(tab: Page, language: 'en' | 'de' | 'ar'): Promise<void> {
  await tab.evaluate((tag) => localStorage.setItem('uploader-language', tag), language);
  await tab.reload();
  await tab.locator(`html[lang=${language}]`).waitFor();
}

/** Posts a form with files, as the browser does for the share target. */
export async function shareFiles(tab: Page, names: readonly string[], text = ''): Promise<void> {
  const loaded = tab.waitForEvent('load');
  await tab.evaluate(
    ({ fileNames, words }) => {
      const form = Object.assign(document.createElement('form'), {
        method: 'post',
        action: new URL('share', document.baseURI).pathname,
        enctype: 'multipart/form-data',
      });
      const files = new DataTransfer();
      for (const name of fileNames) files.items.add(new File([`bytes of ${name}`], name, { lastModified: 1000 }));
      const input = Object.assign(document.createElement('input'), { type: 'file', name: 'files', multiple: true });
      input.files = files.files;
      const title = Object.assign(document.createElement('input'), { name: 'text', value: words });
      form.append(input, title);
      document.body.append(form);
      form.submit();
    },
    { fileNames: [...names], words: text },
  );
  await loaded;
}
