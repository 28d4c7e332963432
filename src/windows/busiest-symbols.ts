/** Where every base asset is collected, so many are judged and archived each minute: those with the most USD liquidated. */
export const MAX_BUSIEST_SYMBOLS = 25;
