// Words that the glossary replaced. The first term names the entry, the others are its forms.

/** @type {{ terms: string[], use: string }[]} */
export const RETIRED = [
  { terms: ['tidings'], use: '"notification"' },
  { terms: ['carrier', 'carriers'], use: '"Background Fetch"' },
  { terms: ['hand over', 'hands over', 'handed over', 'handing over', 'handover'], use: '"start a Background Fetch"' },
  { terms: ['let go', 'lets go', 'letting go'], use: '"release" or "requeue"' },
  { terms: ['lineup'], use: '"open pipelines"' },
  { terms: ['intake'], use: '"upload scheduler"' },
  { terms: ['outlook'], use: '"conditions" or "close forecast"' },
  { terms: ['hush', 'hushed'], use: '"dismiss"' },
  { terms: ['put away'], use: '"dismiss"' },
  { terms: ['head start', 'head starts'], use: '"first chunk gate"' },
  { terms: ['unasked'], use: '"automatically"' },
  { terms: ['alarm', 'alarms'], use: '"sync registration"' },
  { terms: ['anew'], use: '"again"' },
  { terms: ['by itself', 'by themselves'], use: '"automatically"' },
  { terms: ['told'], use: '"notified", "reported" or "received"' },
  { terms: ['learned', 'relearned'], use: '"discovered" or "server profile"' },
  { terms: ['looked'], use: '"checked" or "read"' },
  { terms: ['speaks', 'spoken'], use: '"supports" or "announces"' },
  { terms: ['meet', 'meets'], use: '"discover"' },
  { terms: ['nobody', 'somebody'], use: 'the noun: "user", "tab", "client"' },
  { terms: ['exact level', 'original level'], use: '"extensions" or "basic level"' },
  { terms: ['convoy'], use: '"burst"' },
  { terms: ['sights'], use: '"conditions"' },
];

/**
 * Files that need a retired word. `terms` lists first terms.
 *
 * @type {{ path: RegExp, terms: string[], reason: string }[]}
 */
export const EXCEPTIONS = [
  {
    path: /^src\/shared\/db\/migrate-v4\.ts$|^test\/browser\/shared\/db\/migration\.test\.ts$/,
    terms: ['hand over', 'carrier', 'tidings', 'told', 'learned', 'looked'],
    reason: 'The migration reads the names of earlier schema versions.',
  },
  {
    path: /^(src\/shared|test\/unit\/shared)\/messages(\.test)?\.ts$/,
    terms: ['hand over', 'let go'],
    reason: 'Messages of the previous release are accepted under their old names.',
  },
  {
    path: /sync-registrations(\.test)?\.ts$/,
    terms: ['alarm'],
    reason: 'Tags of an earlier version are still answered.',
  },
  {
    path: /^src\/server\/store\/folder\/session-facts\.ts$|^test\/unit\/server\/store\/earlier-folder\.ts$/,
    terms: ['told'],
    reason: 'The file of an earlier data folder.',
  },
];
