/** Who this program says that it is. */
export const PROGRAM = { name: "@omnisession/client", version: "0.1.0" } as const;
