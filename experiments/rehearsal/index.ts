/** The door of the rehearsal. */
export { rehearseCommand } from './command';
