import type { TemplateResult } from 'lit';
import { html, unsafeStatic } from 'lit/static-html.js';
import {
  ArrowDown,
  ArrowUp,
  ArrowUpToLine,
  Camera,
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
  Settings,
  Trash,
  User,
  Wifi,
  WifiOff,
  X,
} from 'lucide';

const ICONS = {
  add: Plus,
  alert: CircleAlert,
  archive: FileArchive,
  camera: Camera,
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
  save: Download,
  settings: Settings,
  up: ArrowUp,
  upload: CloudUpload,
  user: User,
  wait: Clock,
} satisfies Record<string, IconNode>;

export type IconName = keyof typeof ICONS;

const templates = new Map<string, TemplateResult>();

/**
 * A decorative icon, hidden from screen readers: the button or the text beside it carries the name.
 */
export function icon(name: IconName, size = 18): TemplateResult {
  const key = `${name} ${size}`;
  const cached = templates.get(key);
  if (cached) return cached;
  // Static templates: a row has five icons of about four shapes each, and scrolling renders
  // thousands of rows.
  const template = html`${unsafeStatic(toSvg(ICONS[name], size))}`;
  templates.set(key, template);
  return template;
}

function toSvg(shapes: IconNode, size: number): string {
  const inner = shapes.map(([tag, attributes]) => `<${tag} ${toAttributes(attributes)}></${tag}>`).join('');
  const style = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"';
  return `<svg width="${size}" height="${size}" viewBox="0 0 24 24" ${style} aria-hidden="true">${inner}</svg>`;
}

function toAttributes(attributes: Record<string, string | number | undefined>): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}="${value}"`)
    .join(' ');
}
