/** Places where the host and the module hand things to each other. */
export const BATCH_ROOM: i32 = 262144
export const BATCH: usize = memory.data(262144)
export const KEY: usize = memory.data(32)
export const OUT: usize = memory.data(32)
