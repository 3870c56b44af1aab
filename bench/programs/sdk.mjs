// Benchmarks that are done with the official TypeScript SDK. See shared.lua.
//
//   node bench/programs/sdk.mjs WORK [ARGUMENTS...]
//
// BENCH_SDK is the directory that the SDK is installed in. Ends with status 77 where it is not.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(`${process.env.BENCH_SDK}/`));
let found;
try {
  found = require.resolve("@mistralai/mistralai");
} catch {
  process.exit(77);
}
const { Mistral } = await import(pathToFileURL(found));
const client = new Mistral({ apiKey: "bench", serverURL: process.env.BENCH_URL });

const get = (executionId) => client.workflows.executions.getWorkflowExecution({ executionId });

const work = {
  async get(id, count) {
    let execution;
    for (let i = 0; i < count; i++) execution = await get(id);
    return [count, `${execution.executionId}:${execution.status}`];
  },
  async walk(pages, limit) {
    let items = 0;
    let cursor;
    let last;
    for (let i = 0; i < pages; i++) {
      const page = await client.workflows.getWorkflowRegistrations({ limit, cursor });
      items += page.workflowRegistrations.length;
      last = page.workflowRegistrations.at(-1);
      cursor = page.nextCursor;
      if (!cursor) break;
    }
    return [items, `${items}:${last.id}`];
  },
  async map(id, count, concurrency) {
    let left = count;
    const worker = async () => { while (left-- > 0) await get(id); };
    await Promise.all(Array.from({ length: concurrency }, worker));
    return [count, count];
  },
};

const number = (text) => (Number.isNaN(Number(text)) ? text : Number(text));
const cpu = process.cpuUsage();
const start = process.hrtime.bigint();
const [count, answer] = await work[process.argv[2]](...process.argv.slice(3).map(number));
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
const used = process.cpuUsage(cpu);
console.log(`seconds=${seconds.toFixed(6)}\ncpu=${((used.user + used.system) / 1e6).toFixed(6)}\ncount=${count}\nanswer=${answer}`);
