import { testCore } from './core.ts';
import { WEBKIT_DRIVER, WebKit } from './webkit.ts';

const unproven = 'on a busy machine they took longer than the driver waits';
testCore({ name: 'WebKitGTK', program: WEBKIT_DRIVER, launch: WebKit.launch, unproven });
