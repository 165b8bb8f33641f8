import { crc32 } from 'node:zlib';

/** A file of a ZIP, as its central directory describes it. */
export interface ZippedFile {
  readonly path: string;
  readonly bytes: Buffer;
  /** In s since 1970, from the Info-ZIP timestamp. */
  readonly modifiedAt: number;
}

const END_BYTES = 22;

/**
 * Reads a ZIP of stored files from its central directory, with Zip64 records.
 *
 * @throws Error when it is not such a ZIP, or a checksum is wrong.
 */
export function readZip(zip: Buffer): ZippedFile[] {
  const { count, start } = readEnd(zip);
  const files: ZippedFile[] = [];
  let at = start;
  for (let n = 0; n < count; n++) {
    expectSignature(zip, at, 0x02014b50);
    if (zip.readUInt16LE(at + 10) !== 0) throw new Error('A file is compressed.');
    const [crc, sizeBytes, header] = [zip.readUInt32LE(at + 16), zip.readUInt32LE(at + 24), zip.readUInt32LE(at + 42)];
    const [nameBytes, extraBytes] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30)];
    const path = zip.toString('utf8', at + 46, at + 46 + nameBytes);
    const bytes = readBytes(zip, header, sizeBytes);
    if (crc32(bytes) !== crc) throw new Error(`The checksum of ${path} is wrong.`);
    files.push({ path, bytes, modifiedAt: zip.readUInt32LE(at + 46 + nameBytes + 5) });
    at += 46 + nameBytes + extraBytes + zip.readUInt16LE(at + 32);
  }
  return files;
}

function readEnd(zip: Buffer): { count: number; start: number } {
  const end = zip.length - END_BYTES;
  expectSignature(zip, end, 0x06054b50);
  const count = zip.readUInt16LE(end + 10);
  if (count !== 0xffff) return { count, start: zip.readUInt32LE(end + 16) };
  expectSignature(zip, end - 20, 0x07064b50);
  const end64 = Number(zip.readBigUInt64LE(end - 12));
  expectSignature(zip, end64, 0x06064b50);
  return { count: Number(zip.readBigUInt64LE(end64 + 32)), start: Number(zip.readBigUInt64LE(end64 + 48)) };
}

function readBytes(zip: Buffer, header: number, sizeBytes: number): Buffer {
  expectSignature(zip, header, 0x04034b50);
  const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
  return zip.subarray(start, start + sizeBytes);
}

function expectSignature(zip: Buffer, at: number, signature: number): void {
  if (zip.readUInt32LE(at) !== signature) throw new Error(`There is no record ${signature.toString(16)} at ${at}.`);
}
