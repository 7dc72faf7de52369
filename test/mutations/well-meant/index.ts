import type { Mutation } from '../mutation';
import { wellMeantDatabase } from './database';
import { wellMeantDelivery } from './delivery';
import { wellMeantGateway } from './gateway';
import { wellMeantMonitoring } from './monitoring';
import { wellMeantOneMachine } from './one-machine';
import { wellMeantSite } from './site';
import { wellMeantWorkloads } from './workloads';

/**
 * Changes of one line that somebody means well: an option from a blog post, a limit by feel, a trace left in, a right more for a program
 * that would not start, a number in other units. They are of files and kinds that no other list had; of 408, synthesis refused 129 when it
 * first saw them. What is still let through stands in let-through.ts, with the reason.
 */
export const wellMeantChanges: readonly Mutation[] = [
  ...wellMeantGateway,
  ...wellMeantWorkloads,
  ...wellMeantDatabase,
  ...wellMeantOneMachine,
  ...wellMeantDelivery,
  ...wellMeantMonitoring,
  ...wellMeantSite,
];
