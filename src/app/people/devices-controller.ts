import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { UploadClient } from '../../page/index.ts';
import { describeError } from '../i18n/describe.ts';
import { createDeviceLink, type Device, type DeviceLink, endDevice, listDevices } from './people-api.ts';

/** Interval between two lists while a link waits for its device. */
const POLL_MS = 2000;

/** The devices of the user, and the link that adds one. */
export class DevicesController implements ReactiveController {
  readonly #host: ReactiveControllerHost & { readonly client: UploadClient | null };
  #devices: readonly Device[] = [];
  #link: DeviceLink | null = null;
  /** The devices from before the link: any other one has used it. */
  #known: ReadonlySet<string> = new Set();
  #added: Device | null = null;
  #problem = '';
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(host: ReactiveControllerHost & { readonly client: UploadClient | null }) {
    this.#host = host;
    host.addController(this);
  }

  get devices(): readonly Device[] {
    return this.#devices;
  }

  /** The link that waits for its device. */
  get link(): DeviceLink | null {
    return this.#link;
  }

  /** The device that the last link has added. */
  get added(): Device | null {
    return this.#added;
  }

  /** Why the last request failed; empty if it did not. */
  get problem(): string {
    return this.#problem;
  }

  hostConnected(): void {
    void this.#try(() => this.#load());
  }

  hostDisconnected(): void {
    this.endLink();
  }

  async createLink(): Promise<void> {
    this.endLink();
    await this.#try(async () => {
      await this.#load();
      this.#known = new Set(this.#devices.map(({ device_id: id }) => id));
      this.#link = await createDeviceLink(this.#api);
      this.#timer = setInterval(() => void this.#try(() => this.#check()), POLL_MS);
    });
  }

  endLink(): void {
    clearInterval(this.#timer);
    this.#link = null;
    this.#added = null;
    this.#host.requestUpdate();
  }

  /** @returns whether the device is signed out. */
  end(device: Device): Promise<boolean> {
    return this.#try(async () => {
      await endDevice(this.#api, device.device_id);
      await this.#load();
    });
  }

  get #api(): UploadClient['api'] {
    if (!this.#host.client) throw new Error('The element has no client.');
    return this.#host.client.api;
  }

  async #load(): Promise<void> {
    this.#devices = await listDevices(this.#api);
  }

  async #check(): Promise<void> {
    if (this.#link && this.#link.expires_at < Date.now()) clearInterval(this.#timer);
    await this.#load();
    const added = this.#devices.find(({ device_id: id }) => !this.#known.has(id));
    if (!added || !this.#link) return;
    this.endLink();
    this.#added = added;
  }

  async #try(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      this.#problem = '';
    } catch (error) {
      this.#problem = describeError(error);
    }
    this.#host.requestUpdate();
    return this.#problem === '';
  }
}
