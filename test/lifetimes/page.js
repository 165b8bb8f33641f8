// Runs in the page of the app, added by the server of the test, because nothing is attached that
// could control the page. It reports its state in the title of the page, which the browser lists: a
// request would pass the worker and keep it alive.
const sizeMiB = Number(new URLSearchParams(location.search).get('queue'));
const chunkBytes = Number(new URLSearchParams(location.search).get('chunk'));
const mustStartBackgroundFetch = new URLSearchParams(location.search).has('background-fetch');
const app = document.querySelector('upload-app');
let facts = {};

function report(changes = {}) {
  facts = { ...facts, ...changes, visibility: document.visibilityState };
  document.title = JSON.stringify(facts);
}

async function until(find) {
  for (;;) {
    const found = find();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The first bytes distinguish each MiB, so that a missing or misplaced one is noticed. */
function makeFile(name) {
  const parts = [];
  for (let n = 0; n < sizeMiB; n++) {
    const block = new Uint8Array(1024 * 1024);
    new DataView(block.buffer).setUint32(0, n);
    parts.push(new Blob([block]));
  }
  return new File(parts, name);
}

function row() {
  return app.shadowRoot
    ?.querySelector('queue-view')
    ?.shadowRoot?.querySelector('upload-list')
    ?.shadowRoot?.querySelector('upload-row');
}

async function queueFile() {
  const input = await until(() => app.shadowRoot?.querySelector('add-files')?.shadowRoot?.querySelector('#files'));
  const picked = new DataTransfer();
  picked.items.add(makeFile('lifetimes.bin'));
  input.files = picked.files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
}

/** Without a user gesture Chromium allows one start of a Background Fetch in each tab. */
async function startBackgroundFetch() {
  const isStartButton = ({ textContent }) => textContent.includes('Continue in background');
  const button = await until(() => findButtons(app).find(isStartButton));
  button.click();
}

function findButtons(element) {
  const inside = [...(element.shadowRoot?.querySelectorAll('*') ?? [])];
  return inside.flatMap((child) => (child.localName === 'button' ? [child] : findButtons(child)));
}

addEventListener('error', ({ message }) => report({ error: message }));
addEventListener('unhandledrejection', ({ reason }) => report({ error: String(reason) }));
document.addEventListener('visibilitychange', () => report());
setInterval(() => report({ ...row()?.dataset, closing: app.client?.closeForecast?.() ?? null }), 500);
// For the next visit, because the app has read its settings already.
if (chunkBytes > 0) localStorage.setItem('uploader-settings', JSON.stringify({ chunkBytes }));
if (sizeMiB > 0) await queueFile();
if (mustStartBackgroundFetch) await startBackgroundFetch();
