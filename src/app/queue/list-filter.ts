import type { UploadView } from '../../page/index.ts';
import { getLanguage } from '../i18n/catalogue.ts';
import { describeTitle } from '../i18n/describe.ts';
import { type GroupFilter, getGroup } from '../state/totals.ts';

export const SORTS = ['order', 'name', 'size', 'newest'] as const;
export type Sort = (typeof SORTS)[number];

/** Which uploads the list shows, and in which order. The upload order itself stays as it is. */
export interface ListFilter {
  readonly group: GroupFilter;
  readonly sort: Sort;
  readonly search: string;
}

export const NO_FILTER: ListFilter = { group: 'all', sort: 'order', search: '' };

/** Whether the filter shows all uploads in the upload order. */
export function isUnfiltered({ group, sort, search }: ListFilter): boolean {
  return sort === 'order' && group === 'all' && search === '';
}

/** The uploads that a filter shows; the same array where it changes nothing. */
export function applyFilter(
  uploads: readonly UploadView[],
  { group, sort, search }: ListFilter,
): readonly UploadView[] {
  const term = search.trim().toLocaleLowerCase(getLanguage());
  const matchesTerm = ({ name }: { name: string }) => name.toLocaleLowerCase(getLanguage()).includes(term);
  const matches = (upload: UploadView) =>
    (group === 'all' || getGroup(upload) === group) && (term === '' || upload.files.some(matchesTerm));
  const matching = group === 'all' && term === '' ? uploads : uploads.filter(matches);
  return sort === 'order' ? matching : [...matching].sort(createComparator(sort));
}

function createComparator(sort: Exclude<Sort, 'order'>): (a: UploadView, b: UploadView) => number {
  if (sort === 'size') return (a, b) => b.sizeBytes - a.sizeBytes;
  if (sort === 'newest') return (a, b) => b.queuedAt - a.queuedAt;
  const { compare } = new Intl.Collator(getLanguage(), { numeric: true });
  return (a, b) => compare(describeTitle(a), describeTitle(b));
}
