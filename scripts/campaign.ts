import { runCommand } from "./command-line.ts";
import { onInterruption } from "./interruption.ts";
import { readCampaignOptions, USAGE } from "./campaign/options.ts";

await runCommand({
  usage: USAGE,
  readOptions: () => readCampaignOptions(process.argv.slice(2)),
  run: async (options) => {
    // The exit handlers end what runs beside this process.
    onInterruption(() => process.exit(130));
    return (await import("./campaign/run-campaign.ts")).runCampaign(options, (line) => console.log(line));
  },
});
