export const EXECUTOR_NAMES = ['serial', 'optimistic', 'block-stm', 'dag', 'bal'] as const
export type ExecutorName = (typeof EXECUTOR_NAMES)[number]
export const DEFAULT_EXECUTOR: ExecutorName = 'optimistic'
