export { createQueue, type MailQueue } from './mail-queue.ts';
export { defaultQueueLimits, type LocalReport, nodeTimers, type QueueLimits, type QueueOptions, type QueueTimers } from './options.ts';
export { formatQueuedParameters, parseQueuedParameters, type QueuedParameters } from './queued-parameters.ts';
export { defaultRetrySchedule, type RetrySchedule } from './schedule.ts';
export { type OutgoingSubmission, QueueError } from './submission.ts';
