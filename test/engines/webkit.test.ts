import { testCore } from './core.ts';
import { WEBKIT_DRIVER, WebKit } from './webkit.ts';

const unproven = 'they were not seen to end within the time of a run, for a reason not found yet';
testCore({ name: 'WebKitGTK', program: WEBKIT_DRIVER, launch: WebKit.launch, unproven });
