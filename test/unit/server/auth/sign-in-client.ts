import { type ApiResponse, type InspectedServer, Peer } from '../peer.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** A browser that keeps the last refresh cookie. */
export class SignInClient {
  readonly server: InspectedServer;
  cookie = '';

  constructor(server: InspectedServer) {
    this.server = server;
  }

  /** Redeems the code of a link. The browser may have a name. */
  session(code: string, browser?: string): Promise<ApiResponse> {
    return this.#post('session', { code, ...(browser !== undefined && { browser }) });
  }

  refresh(): Promise<ApiResponse> {
    return this.#post('refresh', {});
  }

  signOut(): Promise<ApiResponse> {
    return this.#post('sign-out', {});
  }

  /** Signs a user in with a new link. */
  async signIn(userId: string): Promise<Peer> {
    return new Peer(this.server, (await this.session(createCode(this.server, userId))).json.token);
  }

  async #post(route: string, body: object): Promise<ApiResponse> {
    const headers = { ...JSON_TYPE, ...(this.cookie !== '' && { Cookie: this.cookie }) };
    const response = await new Peer(this.server, null).send('POST', `/auth/${route}`, JSON.stringify(body), headers);
    this.cookie = response.headers.get('Set-Cookie')?.split(';')[0] ?? this.cookie;
    return response;
  }
}

/** The code of a new sign-in link. */
export function createCode(server: InspectedServer, userId: string): string {
  return new URL(server.signInLink(userId)).hash.replace('#code=', '');
}
