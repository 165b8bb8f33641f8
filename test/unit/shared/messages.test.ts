import { describe, expect, it } from 'vitest';
import { type Notice, parseCommand, parseNotice } from '../../../src/shared/messages.ts';

describe('parseCommand and parseNotice', () => {
  it('ignores messages with unknown types or fields', () => {
    expect(parseCommand({ type: 'dance' })).toBeNull();
    expect(parseCommand('wake')).toBeNull();
    expect(parseCommand({ type: 'changed' })).toBeNull();
    expect(parseCommand({ type: 'wake', more: 1 })).toEqual({ type: 'wake' });
    expect(parseCommand({ type: 'open-sessions', ids: [1] })).toBeNull();
    expect(parseNotice({ type: 'progress', progress: { id: 'a' } })).toBeNull();
    expect(parseNotice({ type: 'link' })).toBeNull();
    expect(parseNotice(null)).toBeNull();
  });

  it('accepts the message names of the previous release', () => {
    expect(parseCommand({ type: 'begin', ids: ['a'] })).toEqual({ type: 'open-sessions', ids: ['a'] });
    expect(parseCommand({ type: 'hand-over', fetchId: 'f' })).toEqual({ type: 'release', fetchId: 'f' });
    expect(parseNotice({ type: 'let-go', fetchId: 'f' })).toEqual({ type: 'released', fetchId: 'f' });
    expect(parseNotice({ type: 'token-wanted', userId: 'u' })).toEqual({ type: 'credentials-wanted', userId: 'u' });
  });

  it.each<Notice>([
    { type: 'changed', id: 'a' },
    { type: 'show', id: 'a' },
    { type: 'released', fetchId: 'f' },
    { type: 'credentials-wanted', userId: 'u' },
    { type: 'link', problem: null },
    { type: 'link', problem: 'network_sign_in' },
  ])('accepts the notice $type', (notice) => {
    expect(parseNotice(notice)).toEqual(notice);
  });
});
