import type { Text } from '../step.ts';
import { text000 } from './000.ts';
import { text001 } from './001.ts';
import { text002 } from './002.ts';
import { text003 } from './003.ts';
import { text004 } from './004.ts';

export const TEXTS: readonly Text[] = [text000, text001, text002, text003, text004];
