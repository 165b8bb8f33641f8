/** What the front of an upload's form says: the text fields, which come before the bytes of the first file. */
export interface FormHead {
  readonly fields: ReadonlyMap<string, string>;
  /** As the first file part is called; null where the form ended before one. */
  readonly filename: string | null;
  /** Where the bytes of the first file begin. */
  readonly fileOffset: number;
}

/** Null until the bytes so far reach into the first file. */
export function readFormHead(front: Buffer): FormHead | null {
  // Latin-1, so that an index into the text is one into the bytes.
  const text = front.toString('latin1');
  const file = /name="[^"]*"; filename="([^"]*)"(?:\r\n[^\r\n]+)*\r\n\r\n/.exec(text);
  if (!file) return null;
  const fields = new Map<string, string>();
  for (const [, name = '', value = ''] of text
    .slice(0, file.index)
    .matchAll(/name="([^"]*)"\r\n\r\n((?:(?!\r\n--)[\s\S])*)\r\n--/g)) {
    fields.set(name, toUtf8(value));
  }
  return { fields, filename: toUtf8(file[1] ?? ''), fileOffset: file.index + file[0].length };
}

function toUtf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
