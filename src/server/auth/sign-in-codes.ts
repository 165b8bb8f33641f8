import { ApiError } from '../errors.ts';
import { newId } from '../ids.ts';

/** One-time codes for sign-in links. They live in memory: a restart ends them. */
export class SignInCodes {
  readonly #userIds = new Map<string, string>();

  create(userId: string): string {
    const code = newId();
    this.#userIds.set(code, userId);
    return code;
  }

  /**
   * Redeems a code; it cannot be redeemed again.
   *
   * @returns the user that it signs in.
   * @throws ApiError 401 `bad_code`.
   */
  redeem(code: string): string {
    const userId = this.#userIds.get(code);
    this.#userIds.delete(code);
    if (userId !== undefined) return userId;
    throw new ApiError(401, 'bad_code', 'This sign-in link has been used or is not valid. Ask for a new one.');
  }
}
