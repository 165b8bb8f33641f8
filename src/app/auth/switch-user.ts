import { html } from 'lit';
import { isGuestUserId } from '../guest/guest-token.ts';
import { strings } from '../i18n/catalogue.ts';
import { AppElement } from '../ui/app-element.ts';
import { base } from '../ui/base-styles.ts';
import { dialogStyles } from '../ui/dialog-styles.ts';
import type { UserSwitch } from './auth-controller.ts';
import { getDisplayName } from './display-name.ts';

/** Asks whether another user may take the place of the signed-in one. Fires `answer`. */
export class SwitchUser extends AppElement {
  static override styles = [base, dialogStyles];
  static override properties = { users: { attribute: false } };
  declare users: UserSwitch | null;

  constructor() {
    super();
    this.users = null;
  }

  override render() {
    const { users } = this;
    const t = strings().switchUser;
    return html`<dialog class="small" aria-labelledby="question" aria-describedby="consequence" @close=${() => this.#answer(false)}>
      <h2 id="question">${users && describeQuestion(users)}</h2>
      <p id="consequence">${users && describeConsequence(users)}</p>
      <div class="actions">
        <button autofocus @click=${() => this.#answer(false)}>${t.cancel}</button>
        <button class="main" @click=${() => this.#answer(true)}>${users?.isGuest ? t.goGuest : t.go}</button>
      </div>
    </dialog>`;
  }

  override firstUpdated(): void {
    this.renderRoot.querySelector('dialog')?.showModal();
  }

  #answer(isConfirmed: boolean): void {
    this.dispatchEvent(new CustomEvent<boolean>('answer', { detail: isConfirmed }));
  }
}

customElements.define('switch-user', SwitchUser);

/** Shows the question above everything else. Escape cancels. */
export function askToSwitch(users: UserSwitch): Promise<boolean> {
  const element = Object.assign(new SwitchUser(), { users });
  return new Promise((resolve) => {
    element.addEventListener('answer', (event) => {
      resolve((event as CustomEvent<boolean>).detail);
      element.remove();
    });
    document.body.append(element);
  });
}

function describeQuestion({ from, to, isGuest }: UserSwitch): string {
  const t = strings().switchUser;
  const isFromGuest = isGuestUserId(from);
  if (isGuest) return isFromGuest ? t.guestToGuest(to) : t.userToGuest(getDisplayName(from));
  return isFromGuest ? t.guestToUser(to) : t.userToUser(getDisplayName(from), to);
}

function describeConsequence({ from }: UserSwitch): string {
  const t = strings().switchUser;
  return isGuestUserId(from) ? t.guestStays : t.userStays(getDisplayName(from));
}
