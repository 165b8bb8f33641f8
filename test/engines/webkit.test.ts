import { describeEngine } from './engine-tests.ts';
import { WEBKIT_DRIVER, WebKit } from './webkit.ts';

describeEngine({ name: 'WebKitGTK', program: WEBKIT_DRIVER, launch: WebKit.launch });
