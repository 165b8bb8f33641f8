import type { UploadView } from '../../page/index.ts';
import { language } from '../i18n/catalogue.ts';
import { describeTitle } from '../i18n/describe.ts';
import { type Filter, getGroup } from '../state/totals.ts';

export const SORTS = ['order', 'name', 'size', 'newest'] as const;
export type Sort = (typeof SORTS)[number];

/** How the queue is looked at; it changes nothing in the queue itself. */
export interface ListFilter {
  readonly filter: Filter;
  readonly sort: Sort;
  readonly search: string;
}

export const NO_FILTER: ListFilter = { filter: 'all', sort: 'order', search: '' };

/** The uploads as they are looked at; the same list again where nothing is left out or moved. */
export function applyFilter(
  uploads: readonly UploadView[],
  { filter, sort, search }: ListFilter,
): readonly UploadView[] {
  const wanted = search.trim().toLocaleLowerCase(language());
  const isWanted = ({ name }: { name: string }) => name.toLocaleLowerCase(language()).includes(wanted);
  const isSeen = (upload: UploadView) =>
    (filter === 'all' || getGroup(upload) === filter) && (wanted === '' || upload.files.some(isWanted));
  const left = filter === 'all' && wanted === '' ? uploads : uploads.filter(isSeen);
  return sort === 'order' ? left : [...left].sort(compare(sort));
}

function compare(sort: Exclude<Sort, 'order'>): (a: UploadView, b: UploadView) => number {
  if (sort === 'size') return (a, b) => b.sizeBytes - a.sizeBytes;
  if (sort === 'newest') return (a, b) => b.queuedAt - a.queuedAt;
  const { compare: compareNames } = new Intl.Collator(language(), { numeric: true });
  return (a, b) => compareNames(describeTitle(a), describeTitle(b));
}
