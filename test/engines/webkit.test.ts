import { testCore } from './core.ts';
import { WEBKIT_DRIVER, WebKit } from './webkit.ts';

testCore({ name: 'WebKitGTK', program: WEBKIT_DRIVER, launch: WebKit.launch });
