import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";

// The files of this project share a runtime, which takes longer to start than most of them take to run: each begins with
// empty storage and without the objects of the file before it.
await reset();
await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
