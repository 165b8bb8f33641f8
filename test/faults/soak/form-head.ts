/** The start of an upload form: the text fields before the bytes of the first file. */
export interface FormHead {
  readonly fields: ReadonlyMap<string, string>;
  /** The name of the first file part; null where the form ended before one. */
  readonly filename: string | null;
  /** The offset of the first file's bytes. */
  readonly fileOffset: number;
}

/** Returns null until the bytes reach the first file. */
export function readFormHead(front: Buffer): FormHead | null {
  // Latin-1, so that indices into the text are indices into the bytes.
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
