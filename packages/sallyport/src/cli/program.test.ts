import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Command } from 'commander';
import { COMMANDS } from './commands.ts';
import { processTerminal } from './terminal.ts';
import { executed } from './testing/executed.ts';

it('the list of commands says of each what the command says of itself', async () => {
  const terminal = processTerminal();
  for (const [name, { summary, load }] of COMMANDS) {
    const program = new Command('sallyport');
    (await load())(program, terminal);
    const command = program.commands.find((added) => added.name() === name);
    assert.equal(command?.summary(), summary, name);
  }
});

it('help names every command, and one by its name is explained in full', async () => {
  const { code, out } = await executed('--help');
  assert.equal(code, 0);
  for (const name of COMMANDS.keys()) assert.match(out, new RegExp(`^ {2}${name} `, 'm'));
  const asked = await executed('help', 'test');
  assert.deepEqual([asked.code, asked.out], [0, (await executed('test', '--help')).out]);
  assert.match(asked.out, /\nExamples:\n/);
});

it('a command that is none is refused with exit code 2, and the nearest one is named', async () => {
  for (const name of ['genrate', 'constructor']) assert.equal((await executed(name)).code, 2, name);
  assert.match((await executed('genrate')).err, /Did you mean generate\?/);
});
