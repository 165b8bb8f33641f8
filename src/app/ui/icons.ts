import type { TemplateResult } from 'lit';
import { html, unsafeStatic } from 'lit/static-html.js';
import {
  ArrowDown,
  ArrowUp,
  ArrowUpToLine,
  Camera,
  Check,
  ChevronDown,
  CircleAlert,
  CircleCheck,
  Clock,
  CloudUpload,
  Copy,
  Download,
  File,
  FileArchive,
  FolderPlus,
  GripVertical,
  type IconNode,
  Images,
  Pause,
  Play,
  Plus,
  RotateCw,
  Search,
  Settings,
  Trash,
  Wifi,
  WifiOff,
  X,
} from 'lucide';

const ICONS = {
  add: Plus,
  alert: CircleAlert,
  archive: FileArchive,
  camera: Camera,
  check: Check,
  close: X,
  copy: Copy,
  done: CircleCheck,
  down: ArrowDown,
  file: File,
  first: ArrowUpToLine,
  folder: FolderPlus,
  grip: GripVertical,
  images: Images,
  offline: WifiOff,
  online: Wifi,
  open: ChevronDown,
  pause: Pause,
  play: Play,
  remove: Trash,
  retry: RotateCw,
  save: Download,
  search: Search,
  settings: Settings,
  up: ArrowUp,
  upload: CloudUpload,
  wait: Clock,
} satisfies Record<string, IconNode>;

export type IconName = keyof typeof ICONS;

const made = new Map<string, TemplateResult>();

/** A picture beside words or on a labelled button; it says nothing of its own. */
export function icon(name: IconName, size = 18): TemplateResult {
  const key = `${name} ${size}`;
  const known = made.get(key);
  if (known) return known;
  // One template without holes: a row has five pictures of four lines each, and thousands of rows come by.
  const picture = html`${unsafeStatic(toSvg(ICONS[name], size))}`;
  made.set(key, picture);
  return picture;
}

function toSvg(shapes: IconNode, size: number): string {
  const inner = shapes.map(([tag, attributes]) => `<${tag} ${toAttributes(attributes)}></${tag}>`).join('');
  const look = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"';
  return `<svg width="${size}" height="${size}" viewBox="0 0 24 24" ${look} aria-hidden="true">${inner}</svg>`;
}

function toAttributes(attributes: Record<string, string | number | undefined>): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}="${value}"`)
    .join(' ');
}
