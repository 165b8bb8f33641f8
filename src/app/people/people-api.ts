import * as v from 'valibot';
import type { UploadClient } from '../../page/index.ts';

type Api = UploadClient['api'];

const time = v.pipe(
  v.string(),
  v.transform((text) => Date.parse(text)),
);
const deviceSchema = v.object({
  device_id: v.string(),
  created_at: time,
  last_used_at: time,
  user_agent: v.string(),
  is_current: v.boolean(),
});
const deviceLinkSchema = v.object({ code: v.string(), expires_at: time });
const guestLinkSchema = v.object({
  guest_link_id: v.string(),
  name: v.string(),
  expires_at: time,
  max_files: v.number(),
  max_bytes: v.number(),
  files: v.number(),
  bytes: v.number(),
});

/** A sign-in of the user. Times in ms since 1970. */
export type Device = v.InferOutput<typeof deviceSchema>;
/** A code that signs another device in. */
export type DeviceLink = v.InferOutput<typeof deviceLinkSchema>;
/** A guest link of the user, and what its uploads take of its limits. */
export type GuestLink = v.InferOutput<typeof guestLinkSchema>;

/** What the user chooses for a guest link. */
export interface GuestLinkOptions {
  readonly name: string;
  readonly recipient: string;
  readonly max_files: number;
  readonly max_bytes: number;
  readonly days: number;
}

// All functions throw UploadError as `UploadClient.api` does.

/** Lists the devices of the user, the last used first. */
export async function listDevices(api: Api): Promise<readonly Device[]> {
  return (await api.read(v.object({ devices: v.array(deviceSchema) }), '/auth/devices')).devices;
}

export async function endDevice(api: Api, id: string): Promise<void> {
  await api.send(`/auth/devices/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

export function createDeviceLink(api: Api): Promise<DeviceLink> {
  return api.read(deviceLinkSchema, '/auth/devices/link', { method: 'POST' });
}

/** Lists the guest links of the user, the newest first. */
export async function listGuestLinks(api: Api): Promise<readonly GuestLink[]> {
  return (await api.read(v.object({ guest_links: v.array(guestLinkSchema) }), '/guest-links')).guest_links;
}

/** Creates a guest link. @returns the token of its guests, which is not available later. */
export async function createGuestLink(api: Api, options: GuestLinkOptions): Promise<string> {
  const created = await api.read(v.object({ token: v.string() }), '/guest-links', { method: 'POST', body: options });
  return created.token;
}

export async function deleteGuestLink(api: Api, id: string): Promise<void> {
  await api.send(`/guest-links/${encodeURIComponent(id)}`, { method: 'DELETE' });
}
