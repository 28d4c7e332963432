import { emptyStorage } from "./empty-storage.ts";

// Each file begins with empty storage and without the objects of the file before it.
await emptyStorage();
