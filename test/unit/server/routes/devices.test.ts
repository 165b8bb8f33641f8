import { describe, expect, it } from 'vitest';
import { SignInClient } from '../auth/sign-in-client.ts';
import { Peer, refusal, start } from '../peer.ts';

/** Ada with two devices. */
async function setUp() {
  const server = await start();
  const [laptop, phone] = [new SignInClient(server), new SignInClient(server)];
  const byLaptop = await laptop.signIn('ada');
  const { code, expires_at } = (await byLaptop.send('POST', '/auth/devices/link')).json;
  const byPhone = new Peer(server, (await phone.session(code)).json.token);
  const list = async (peer: Peer) => (await peer.get('/auth/devices')).json.devices;
  return { server, laptop, phone, byLaptop, byPhone, expires_at, list };
}

describe('devices of a user', () => {
  it('gain one with a link that another device creates', async () => {
    const { byLaptop, byPhone, expires_at, list } = await setUp();
    expect(Date.parse(expires_at) - Date.now()).toBeLessThanOrEqual(15 * 60_000);
    const { batch_id } = (await byPhone.direct('from the phone')).json;
    expect(await byLaptop.download(batch_id)).toBe('from the phone');
    expect(await list(byLaptop)).toHaveLength(2);
  });

  it('are listed with their times, and the one that asks is marked', async () => {
    const { byPhone, list } = await setUp();
    const devices = await list(byPhone);
    const device = {
      device_id: expect.any(String),
      created_at: expect.stringMatching(/Z$/),
      last_used_at: expect.stringMatching(/Z$/),
      user_agent: 'Unknown browser',
    };
    expect(devices).toHaveLength(2);
    expect(devices).toEqual(
      expect.arrayContaining([
        { ...device, is_current: true },
        { ...device, is_current: false },
      ]),
    );
  });

  it('are refused at once when they are revoked', async () => {
    const { server, laptop, phone, byLaptop, byPhone, list } = await setUp();
    const stolen = (await list(byLaptop)).find((device: { is_current: boolean }) => !device.is_current);
    expect((await byLaptop.send('DELETE', `/auth/devices/${stolen.device_id}`)).status).toBe(204);
    expect(refusal(await byPhone.get('/batches'))).toBe('401 unauthorized');
    expect(refusal(await phone.refresh())).toBe('401 unauthorized');
    expect((await laptop.refresh()).status).toBe(200);
    expect(await list(byLaptop)).toHaveLength(1);
    const again = await byLaptop.send('DELETE', `/auth/devices/${stolen.device_id}`);
    expect(refusal(again)).toBe('404 device_not_found');
    expect(await server.auth.refreshTokens.list('ada')).toHaveLength(1);
  });
});
