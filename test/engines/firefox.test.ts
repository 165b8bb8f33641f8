import { describeEngine } from './engine-tests.ts';
import { FIREFOX, Firefox } from './firefox.ts';

describeEngine({ name: 'Firefox', program: FIREFOX, launch: Firefox.launch });
