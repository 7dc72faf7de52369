/** The door of the runner. */
export { GATE_LIMITS } from './gates';
