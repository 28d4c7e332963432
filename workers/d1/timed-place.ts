/** A row's place in a list by time, ms, and of one time by name: an id, or a venue. */
export interface TimedPlace {
  readonly time: number;
  readonly name: string;
}
