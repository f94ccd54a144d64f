import { type Command, directoryOption, jsonOption, textOption } from '../cli/command.ts';
import { CommandError } from '../cli/command-error.ts';
import { dataDirectory } from '../config/data-directory.ts';

/** `mox config check`: whether the configuration can be used, and what is wrong with it, line by line. */
export const configCheckCommand: Command = {
  name: 'config check',
  summary: 'check the configuration file',
  arguments: '[file]',
  argumentCount: { least: 0, most: 1 },
  options: { dir: directoryOption, json: jsonOption },
  details: 'Exit status: 0 for a file that can be used; 1 for one that has faults; 2 where there is none that can be read.',
  examples: ['mox config check', 'mox config check mox.yaml'],
  async run({ options, arguments: [file], print }) {
    const [{ readConfigFile }, { readConfig }] = await Promise.all([
      import('../config/load-config.ts'),
      import('../config/read-config.ts'),
    ]);
    const directory = dataDirectory(textOption(options, 'dir'));
    const configFile = file ?? directory.configFile;
    const text = readConfigFile({ ...directory, configFile });
    if (text === undefined)
      throw new CommandError(`there is no ${configFile}`, 'name the file, or the data directory with --dir', { exitCode: 2 });
    const result = readConfig(text);
    const problems = result.ok ? [] : result.problems;
    if (options['json']) print(JSON.stringify({ file: configFile, ok: result.ok, problems }));
    else if (result.ok) print(`${configFile}: good`);
    for (const { line, column, message, remedy } of options['json'] ? [] : problems) {
      print(`${configFile}:${line}:${column}: ${message}\n  remedy: ${remedy}`);
    }
    return result.ok ? 0 : 1;
  },
};
