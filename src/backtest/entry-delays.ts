/** The delays from decision to entry that a replay looks at, seconds. */
export const ENTRY_DELAYS_S = [0, 1, 5, 30, 60, 120, 300, 900] as const;
