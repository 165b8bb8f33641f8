import { testCore } from './core.ts';
import { FIREFOX, Firefox } from './firefox.ts';

testCore({ name: 'Firefox', program: FIREFOX, launch: Firefox.launch });
