import { describeEngine } from './core.ts';
import { FIREFOX, Firefox } from './firefox.ts';

describeEngine({ name: 'Firefox', program: FIREFOX, launch: Firefox.launch });
