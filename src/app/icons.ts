import { html, svg } from 'lit';
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

/** A picture beside words or on a labelled button; it says nothing of its own. */
export function icon(name: IconName, size = 18) {
  return html`<svg width=${size} height=${size} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${ICONS[name].map(([tag, a]) => shape(tag, a))}</svg>`;
}

type Attributes = Record<string, string | number | undefined>;

function shape(tag: string, a: Attributes) {
  switch (tag) {
    case 'path':
      return svg`<path d=${a.d} />`;
    case 'circle':
      return svg`<circle cx=${a.cx} cy=${a.cy} r=${a.r} />`;
    case 'rect':
      return svg`<rect x=${a.x} y=${a.y} width=${a.width} height=${a.height} rx=${a.rx ?? 0} />`;
    case 'line':
      return svg`<line x1=${a.x1} y1=${a.y1} x2=${a.x2} y2=${a.y2} />`;
    default:
      throw new Error(`An icon has a shape that is not drawn: ${tag}`);
  }
}
