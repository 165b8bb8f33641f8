#!/usr/bin/env node
import { check } from './commands/check.ts';
import { link } from './commands/link.ts';
import { serve } from './commands/serve.ts';
import { users } from './commands/users.ts';
import { type Config, readConfig } from './config.ts';

const COMMANDS: Readonly<Record<string, (config: Config, args: readonly string[]) => Promise<void>>> = {
  serve,
  link,
  users,
  check,
};

const USAGE = `Usage: parallel-chunk-uploader [command]

  serve       runs the server (the default)
  link USER   creates a link that signs a user in, also while the server runs
  users       lists users, their devices and open links
  check       reports whether the configuration and the data folder can be used

Environment variables configure it: see src/server/README.md.`;

const [name = 'serve', ...args] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
try {
  if (!command) throw new Error(USAGE);
  await command(readConfig(process.env), args);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(command ? 1 : 2);
}
