export const USAGE = `npm run backtest -- --from T --to T (--data PATH | --url URL [--key KEY] | --state DIR) [options]

Replays stored liquidations through the windows, the spike rule and the analyst of the live agent, each minute only with
data known at that time, and grades each decision as live. Prints the scoreboard next to its baselines, what the data lacks,
and what the result is worth by trade size and by delay.

Try it on a simulated market: "npm run simulate-market -- --days 30 --seed 1 --effect reversal --out market", and then
"npm run backtest -- --data market --symbols BTC --from 2026-10-12 --to 2026-11-04 --out result --grid threshold=0.5,1,2".

Range
  --from, --to   minutes to apply the rule to, half-open: ISO 8601 (2026-11-20, 2026-11-20T14:05Z) or ms. Thirty days before
                 them are read for the history of the windows and a day after for the grades, where they are stored

Data: one of
  --data         a folder (or one file) with exports in Parquet, CSV, JSON or NDJSON, gzip or not, daily files, batches, minute
                 marks, and their manifests. Keep the manifest beside the files: it names gaps and hashes
  --url          the address of a Worker: downloads the datasets of the range into --cache and verifies their SHA-256.
                 Days that have no dataset yet count as not connected
  --key          an API key with the scope export, or env for the one in LIQUIDATIONS_KEY
  --cache        folder for downloads. Default: backtest-cache
  --state        the state folder of a local run that has ended (npm run demo -- --state DIR)

Marks
  --marks        a file of minute marks (CSV, JSON, NDJSON with minute,symbol,exchange,open,high,low,close), or events: the mark
                 prices that liquidations carried, which have one only for minutes with a liquidation, so that many exits
                 are lost. Net returns need spread_bps, volume_usd, funding_rate and funding_interval_hours too: without
                 them, returns are known before cost alone. Default: the minute marks in the data

Strategy
  --symbols      base assets such as BTC,ETH, or * for the 25 busiest. Default: BTC,ETH,SOL
  --analyst      rules (the rule model), or recorded (the verdicts in --ledger by signal id). Default: rules
  --ledger       the recorded ledger, one record of /v1/signals per line
  --rules        the file of a trained rule model, as npm run train -- --out FILE writes it. Default: today's rules. What it earns
                 in the time that it was trained on says nothing; the report marks each day of it
  --window, --threshold, --percentile, --floor, --cooldown
                 settings of the spike rule: minutes, rise (0.5 is 50 %), percentile of a rise (0: the rise alone), USD,
                 minutes. Defaults: 15, 0.5, 0.9, 100000, 15

  --rule         a file with one rule in the language of docs/rules.md, which is followed instead of the agent: prints when it
                 fired, and what buying or selling each time earned over an hour. --symbols must name base assets
  --escalate-after
                 seconds from 10 to 86400 in which the condition of --rule has to go on holding after it fired until it
                 escalates. Default: never

Outputs
  --strategy     what the trades, the picture and the grid are of: analyst, fade (against the flow), follow. Default: analyst
  --horizon      from entry to exit: 5m, 15m, 1h, 4h, 24h. Default: 1h
  --grid         NAME=VALUE,VALUE...: replays every combination and reports the deflated Sharpe ratio, the probability of
                 backtest overfitting and a walk-forward. Repeatable. Names: window, threshold, percentile, floor, cooldown,
                 strategy, horizon. At most 200 combinations
  --seed         of the bootstrap, a whole number. Default: 1
  --out          a folder for report.txt, report.json, trades.csv, trades.json and equity.svg. The same data and options
                 give the same bytes

Exit code 0; 1 where the data cannot be used; 2 where an option is invalid.`;
