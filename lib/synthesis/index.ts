/** The door of synthesis: the command line, and the function below it. */
export { runCommand } from './command';
export { synthesise } from './synthesise';
