"use strict";

/**
 * Starts a command of this project: `node scripts/run.cjs demo.ts --minutes 3`. With no command it only looks whether this
 * machine can run one. The commands are TypeScript, which an older Node would refuse with a riddle, so this file is plain
 * JavaScript that any Node reads, and says in one sentence what to do.
 */
var childProcess = require("child_process");
var fs = require("fs");
var path = require("path");

var MIN_NODE = 20;
/** The first Node that runs all of the commands and tools: what the dev dependency `node` brings. */
var TOOLS_NODE = 24;
var ROOT = path.resolve(__dirname, "..");
var OWN_NODE = path.join(ROOT, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");

/**
 * Commands that put things away when they are interrupted, in a process group of their own: Ctrl-C goes to the whole group
 * of the terminal, and would end the local Worker and database under them. package.json starts them with `exec`, since the
 * shell in between would keep npm's signals to itself, and end as interrupted whatever the command's exit code.
 */
var ENDS_IN_ORDER = ["demo.ts", "start.ts", "campaign.ts", "venue-check.ts"];
/** Commands that change nothing in the project's folder; the others, builds and tests included, write into it. */
var READS_ONLY = [
  "normalize.ts",
  "fuzz.ts",
  "backtest.ts",
  "verify-ledger.ts",
  "estimate.ts",
  "simulate.ts",
  "simulate-market.ts",
  "measure.ts",
  "venue-check.ts",
  "pipeline-schema.ts",
  "supabase/migrate.ts",
];

function main(command, args) {
  var node = toolsNode();
  if (READS_ONLY.indexOf(command) === -1) requireWritable(path.join(ROOT, ".wrangler"));
  if (command !== undefined) start(node, command, args);
}

/** @returns the path of a Node that runs TypeScript */
function toolsNode() {
  if (major() >= TOOLS_NODE) return process.execPath;
  if (fs.existsSync(OWN_NODE)) return OWN_NODE;
  requireNode(MIN_NODE);
  if (!fs.existsSync(path.join(ROOT, "node_modules", "node"))) end('The dependencies are missing; run "npm install"');
  return end(
    "Node " +
      TOOLS_NODE +
      ', which comes with the dependencies, is missing because npm ran no install scripts; run "npm rebuild --ignore-scripts=false"',
  );
}

function requireNode(least) {
  if (major() < least)
    end(
      "This needs Node " + least + " or newer, and this is Node " + process.versions.node + "; install a newer one from https://nodejs.org",
    );
}

function major() {
  return Number(process.versions.node.split(".")[0]);
}

function requireWritable(folder) {
  var probe = path.join(folder, "probe-" + process.pid);
  try {
    if (!fs.existsSync(folder)) fs.mkdirSync(folder);
    fs.writeFileSync(probe, "");
    fs.unlinkSync(probe);
  } catch (error) {
    end("Nothing can be written into " + ROOT + " (" + error.code + "); copy the project to a folder of your own and run it there");
  }
}

function start(node, command, args) {
  var group = ENDS_IN_ORDER.indexOf(command) !== -1;
  // The channel tells the command when this process is gone, whatever ended it.
  var stdio = group ? ["inherit", "inherit", "inherit", "ipc"] : "inherit";
  var child = childProcess.spawn(node, [path.join(__dirname, command)].concat(args), { stdio: stdio, detached: group });
  ["SIGINT", "SIGTERM", "SIGHUP"].forEach(function (signal) {
    process.on(signal, function () {
      child.kill(signal);
    });
  });
  child.on("error", function (error) {
    end(node + " could not be started (" + error.message + '); run "npm install"');
  });
  child.on("exit", function (code, signal) {
    process.exit(signal === null ? code : 1);
  });
}

function end(sentence) {
  console.error(sentence + ".");
  process.exit(1);
}

main(process.argv[2], process.argv.slice(3));
