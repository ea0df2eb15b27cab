/** What time it is for the service. In dev mode it can be set, so nothing else may ask the host. */
export interface Clock {
  /** Milliseconds since the epoch. Never goes back unless someone sets the clock. */
  now(): number;
}
