import { describeEngine } from './core.ts';
import { WEBKIT_DRIVER, WebKit } from './webkit.ts';

describeEngine({ name: 'WebKitGTK', program: WEBKIT_DRIVER, launch: WebKit.launch });
