import { log } from '#shared/log.ts';
import { requestOf } from './arguments.ts';
import { copyTable } from './copied-table.ts';
import { restore } from './run.ts';
import { runningStage, stageAtAws } from './stage.ts';

/** The `npm run restore` command. */
async function main(): Promise<void> {
  const request = await requestOf(process.argv.slice(2));
  switch (request.does) {
    case 'help':
      console.log(request.text);
      return;
    case 'copy': {
      const { client, tableName } = await runningStage();
      const copied = await copyTable(client, tableName, request.copyTo);
      console.log(`Copied ${copied} items of ${tableName} to ${request.copyTo}.`);
      return;
    }
    case 'restore': {
      const { stage: name, options } = request;
      const stage = await (name === 'local' ? runningStage() : stageAtAws(name));
      await restore(stage, options, (line) => console.log(line));
    }
  }
}

/** The message, with those of what caused it: that nobody is signed in to AWS, for instance. */
function messageOf({ message, cause }: Error): string {
  return cause instanceof Error && cause.message !== message ? `${message}: ${messageOf(cause)}` : message;
}

// The lines that functions log are for CloudWatch; what came of each step is printed.
log.setLogLevel('SILENT');
try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? messageOf(error) : String(error));
  process.exitCode = 1;
}
